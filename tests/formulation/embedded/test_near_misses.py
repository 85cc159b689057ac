"""Wordings that are easily read as another model: each is read right, or not at all."""

from __future__ import annotations

import pytest

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.reading import ReadingStatus
from solvers.milp import Milp

# Text, objective, rows as (coefficients, sign, bound); all variables are at least zero.
PROBLEMS: dict[str, tuple[str, list[float], list[tuple[list[float], str, float]]]] = {
    "the share is of the subject before the comma": (
        "A council spends on parks, roads and bridges. It has $800,000. The benefit is 9% for parks, 5% for roads, 7% for "
        "bridges. The bridges part has to be no less than 20% of the total spent, parks must not exceed roads, and "
        "bridges should be no more than $300,000. Formulate a model that maximizes the benefit.",
        [0.09, 0.05, 0.07],
        [([1, 1, 1], "<=", 8e5), ([-0.2, -0.2, 0.8], ">=", 0), ([1, -1, 0], "<=", 0), ([0, 0, 1], "<=", 3e5)],
    ),
    "a limit of one that shares its word with the other": (
        "A gym can dose liquid soap or soap flakes. A litre of liquid soap cleans 900 tiles and costs $2.80; a kilogram "
        "of flakes cleans 4,000 tiles and costs $11. At least 60,000 tiles must be cleaned. The cupboard can keep just 12 "
        "kilograms of flakes. Minimize the cost.",
        [2.8, 11],
        [([900, 4000], ">=", 60000), ([0, 1], "<=", 12)],
    ),
    "a share of how often, where minutes are told for each time": (
        "Trams and buses bring fans to a match. A tram brings 150 fans per run and a bus 60 fans per run. A tram takes 40 "
        "minutes a run, and a bus takes 25 minutes a run; the drivers have 30 hours in total. At most two thirds of all "
        "runs can be done by buses. Maximize the fans.",
        [150, 60],
        [([40, 25], "<=", 1800), ([-2 / 3, 1 / 3], "<=", 0)],
    ),
    "what must have been done": (
        "A mill has an old dryer and a new dryer. An hour of the old dryer costs $40 and dries 3 tonnes, an hour of the "
        "new dryer costs $75 and dries 5 tonnes. By Friday the mill must have dried 240 tonnes. The old dryer can be used "
        "for no more than 50 hours. Minimize the cost.",
        [40, 75],
        [([3, 5], ">=", 240), ([1, 0], "<=", 50)],
    ),
    "how many there are, and what has to be done": (
        "A town hires ploughs and crews. A plough clears 7 km at a cost of $460; a crew clears 0.8 km for $65. Tonight 50 "
        "km have to be cleared. There are only 6 ploughs. For every plough at least 2 crews are needed. How many of each "
        "should be hired to pay as little as possible?",
        [460, 65],
        [([7, 0.8], ">=", 50), ([1, 0], "<=", 6), ([-2, 1], ">=", 0)],
    ),
    "one that stands for a name": (
        "A mill runs an old loom and a new loom. An hour of the old loom earns $30 and takes 4 kg of yarn; an hour of the "
        "new loom earns $45 and takes 7 kg of yarn. There are 400 kg of yarn. The old loom may run no more than 60 hours, "
        "and the new one no more than 50. Maximize what is earned.",
        [30, 45],
        [([4, 7], "<=", 400), ([1, 0], "<=", 60), ([0, 1], "<=", 50)],
    ),
    "refusing more than five times": (
        "A cook serves lemons and figs. A lemon has 30 mg of iron and a fig has 110 mg. The crew needs at least 4,400 mg of "
        "iron. A lemon weighs 0.1 kg and a fig 0.9 kg, and the weight must be kept at a minimum. The crew refuses to eat "
        "more lemons than 5 times the number of figs.",
        [0.1, 0.9],
        [([30, 110], ">=", 4400), ([1, -5], "<=", 0)],
    ),
    "half as many again": (
        "A cook makes pilaf and stew. A pan of pilaf takes 1.5 kg of rice and a pan of stew 2 kg of rice; there are 48 kg "
        "of rice. She must cook at least 5 pans of stew, and the number of pans of pilaf must be at least 50% more than "
        "the number of pans of stew. A pan of pilaf earns $90 and a pan of stew earns $105. Maximize the profit.",
        [90, 105],
        [([1.5, 2], "<=", 48), ([0, 1], ">=", 5), ([1, -1.5], ">=", 0)],
    ),
    "either, in total": (
        "A shop sells hoses and taps. A hose earns $9 and a tap earns $12. There is a demand for at most 70 hoses and at "
        "most 45 taps. A supplier delivers at most 95 of either item in total. Maximize the profit.",
        [9, 12],
        [([1, 0], "<=", 70), ([0, 1], "<=", 45), ([1, 1], "<=", 95)],
    ),
    "one of a thing before the next name": (
        "A shop packs small and large boxes. A small box holds 2 pens and 1 ruler, a large box holds 4 pens and 2 rulers. "
        "There are 800 pens and 450 rulers. A small box earns $3 and a large box earns $7. Maximize the profit.",
        [3, 7],
        [([2, 4], "<=", 800), ([1, 2], "<=", 450)],
    ),
    "who is paid earns": (
        "A carver sells masks in oak and in pine. Each oak mask takes 9 hours and $25 worth of wood. A pine mask takes "
        "2.5 hours and $3 of wood. She can afford to spend $260 on wood, and no more than 110 hours can be worked. She is "
        "paid $300 for an oak mask and $75 for a pine mask. How many of each should she carve for the greatest revenue?",
        [300, 75],
        [([25, 3], "<=", 260), ([9, 2.5], "<=", 110)],
    ),
    "a share of another decision, and not of all": (
        "A bakery makes plain rolls and seed rolls. A plain roll takes 2 minutes and a seed roll takes 3 minutes; there "
        "are 600 minutes. The number of seed rolls must be at least 40% of the number of plain rolls. A plain roll earns "
        "$1 and a seed roll earns $1.50. Maximize the profit.",
        [1, 1.5],
        [([2, 3], "<=", 600), ([-0.4, 1], ">=", 0)],
    ),
    "one that stands for the noun of all": (
        "A lab buys scales, plain ones and precise ones. A plain scale costs $90 and a precise one costs $260. A plain "
        "scale serves 3 pupils and a precise one serves 5 pupils; at least 120 pupils must be served. At least 30% of the "
        "scales must be precise. Minimize the cost.",
        [90, 260],
        [([3, 5], ">=", 120), ([-0.3, 0.7], ">=", 0)],
    ),
    "what is asked for, and what there is": (
        "A port can hire cranes and lifts. A crane moves 240 crates, needs 3 drivers and costs $900. A lift moves 90 "
        "crates, needs 1 driver and costs $350. At least 4,300 crates have to be moved and only 50 drivers live in the "
        "town. Minimize the cost.",
        [900, 350],
        [([240, 90], ">=", 4300), ([3, 1], "<=", 50)],
    ),
    "what runs for so long is no need": (
        "A brewer bottles ale and porter. A crate of ale needs 6 minutes and a crate of porter needs 9 minutes on the "
        "line, and the line runs 1,800 minutes a week. At least 50 crates of porter must be made. The profit per crate is "
        "$8 for ale and $11 for porter. Maximize the profit.",
        [8, 11],
        [([6, 9], "<=", 1800), ([0, 1], ">=", 50)],
    ),
    "what there is to bring over": (
        "A camp brings its guests over by canoe and by barge. A canoe takes 4 guests and a barge takes 30 guests each "
        "crossing. A crossing takes 20 minutes in a canoe and 45 minutes on a barge. There are 300 guests to bring over. "
        "At most 6 barge crossings are allowed. At least 3 canoe crossings must be made. Minimize the total time.",
        [20, 45],
        [([4, 30], ">=", 300), ([0, 1], "<=", 6), ([1, 0], ">=", 3)],
    ),
    "a ratio, and after it a comparison of its own": (
        "A hall sells floor seats and box seats. The number of floor seats must be at least twice the number of box "
        "seats, and the number of floor seats must be smaller than the number of box seats plus 90. The hall takes at most "
        "200 guests. A floor seat earns $20 and a box seat earns $60. Maximize the profit.",
        [20, 60],
        [([1, -2], ">=", 0), ([1, -1], "<=", 89), ([1, 1], "<=", 200)],
    ),
    "money that is put into what is decided": (
        "A widow splits money between two funds, the oak fund and the elm fund. The oak fund must get at least $5,000 and "
        "the elm fund at least $2,000. At most $10,000 can be put into both together. The fee per dollar of the oak fund is "
        "$0.01 and of the elm fund $0.02. Minimize the total fee.",
        [0.01, 0.02],
        [([1, 0], ">=", 5000), ([0, 1], ">=", 2000), ([1, 1], "<=", 10000)],
    ),
    "what is not lowered is not to be lowered": (
        "A singer gives concerts and lessons. A concert earns $300 and takes 5 hours; a lesson earns $40 and takes 1 hour. "
        "She has 60 hours. At most 8 concerts can be given. How many of each should she give to earn the most? (The rent is "
        "paid by the town so it does not lower her earnings.)",
        [300, 40],
        [([5, 1], "<=", 60), ([1, 0], "<=", 8)],
    ),
    "two bounds of one thing, told once": (
        "A tea house mixes a blend from assam and jasmine. One ounce of assam holds 40 mg of caffeine and 6 mg of "
        "oil. One ounce of jasmine holds 25 mg of caffeine and 11 mg of oil. The blend should have at least 900 mg of"
        " caffeine but not more than 1,500 mg, and at least 250 mg of oil. Assam costs $0.85 per ounce, jasmine costs"
        " $1.10 per ounce. Minimize the cost.",
        [0.85, 1.1],
        [([40, 25], ">=", 900), ([40, 25], "<=", 1500), ([6, 11], ">=", 250)],
    ),
    "what is set aside": (
        "A firm makes lamps and shades. A lamp costs $18 to paint and a shade costs $26 to paint, with $1,900 set "
        "aside for painting. A lamp takes 3 hours and a shade 5 hours; there are 330 hours. The profit is $140 per "
        "lamp and $205 per shade. Maximize the profit.",
        [140, 205],
        [([18, 26], "<=", 1900), ([3, 5], "<=", 330)],
    ),
    "on so many acres": (
        "Olga grows lavender and thyme on 72 acres of hillside. An acre of lavender takes 11 hours of weeding and an "
        "acre of thyme takes 7 hours of weeding. She can spend at most 640 hours weeding. An acre of lavender earns "
        "$410 and an acre of thyme $365. How many acres of each should Olga grow to maximize profit?",
        [410, 365],
        [([1, 1], "<=", 72), ([11, 7], "<=", 640)],
    ),
    "a need of": (
        "A patient takes two supplements called Magnor and Calbee to cover his daily need of 380 mg of magnesium and "
        "950 mg of calcium. A capsule of Magnor gives 60 mg of magnesium and 75 mg of calcium. A capsule of Calbee "
        "gives 25 mg of magnesium and 170 mg of calcium. Magnor is $0.40 a capsule, Calbee is $0.55 a capsule. "
        "Minimize his costs.",
        [0.4, 0.55],
        [([60, 25], ">=", 380), ([75, 170], ">=", 950)],
    ),
    "what is free and what is in the bank": (
        "A park wants to add rides and coasters. A ride needs 300 square meters, a coaster 1,700 square meters, and "
        "14,000 square meters are free. A ride costs $220,000 and a coaster costs $2,500,000 with $15,000,000 in the "
        "bank. A ride attracts 90 visitors a day and a coaster attracts 700 visitors a day. How many of each should "
        "be built to attract the most visitors?",
        [90, 700],
        [([300, 1700], "<=", 14000), ([220000, 2500000], "<=", 15000000.0)],
    ),
    "so many points each": (
        "On a quiz show you can pick history questions for 4 points or riddle questions for 9 points. You have to "
        "answer at least 7 history questions. The host allows no more than 15 history questions and no more than 8 "
        "riddle questions. In total you may answer at most 18 questions. How many of each should you answer to "
        "maximize your points?",
        [4, 9],
        [([1, 0], ">=", 7), ([1, 0], "<=", 15), ([0, 1], "<=", 8), ([1, 1], "<=", 18)],
    ),
    "decisions that only a price tells": (
        "The city library hires clerks at $520 a week and librarians at $890 a week. At least 34 people are needed. "
        "At least 9 librarians are needed. The weekly payroll must be at most $26,000. Minimize the payroll.",
        [520, 890],
        [([1, 1], ">=", 34), ([0, 1], ">=", 9), ([520, 890], "<=", 26000)],
    ),
    "more than half must be": (
        "A fair gives out globes and clocks as prizes. A globe costs $85 and a clock costs $140. The budget is "
        "$4,500. At least 8 clocks have to be given, and at least half of the prizes must be globes. Maximize the "
        "total number of prizes.",
        [1, 1],
        [([85, 140], "<=", 4500), ([0, 1], ">=", 8), ([0.5, -0.5], ">=", 0)],
    ),
    "never more than these and never more than those": (
        "Ulla makes hats for $19 and gloves for $14. She is able to finish at most 45 items. At least 12 hats and 10 "
        "gloves will be wanted, but never more than 30 hats and never more than 25 gloves. Maximize the revenue.",
        [19, 14],
        [([1, 1], "<=", 45), ([1, 0], ">=", 12), ([0, 1], ">=", 10), ([1, 0], "<=", 30), ([0, 1], "<=", 25)],
    ),
    "a pack of so much": (
        "A club orders wool from Oslo and from Lima. The Oslo wool comes in 3-kg bales for 48 euros and the Lima wool"
        " in 5-kg bales for 95 euros. The club needs 90 kg or more. How many bales should be ordered to keep the bill"
        " smallest?",
        [48, 95],
        [([3, 5], ">=", 90)],
    ),
    "the one that each needs": (
        "A cleaner uses foam treatments or steam treatments. Foam treatments take 25 minutes and use 2 units of soap."
        " Steam treatments take 40 minutes and use 1 unit of soap. The tower has 72 rooms and each room needs one "
        "treatment, so at least 72 treatments are to be made. There are 110 units of soap. Minimize the total time.",
        [25, 40],
        [([1, 1], ">=", 72), ([2, 1], "<=", 110)],
    ),
    "what a decision costs to buy, and what it brings": (
        "A club buys kites and drums. A kite is $65 and a drum is $38. The club can spend at most $7300. There must "
        "be at least half as many drums as kites. Every kite brings in $12 and every drum brings in $5. Maximize the "
        "income.",
        [12, 5],
        [([65, 38], "<=", 7300), ([-0.5, 1], ">=", 0)],
    ),
    "a thing that only one of them takes": (
        "A locksmith copies house keys and car keys. A house key needs 4 minutes on the grinder and a car key needs 9"
        " minutes on the grinder plus 6 minutes on the programmer. The grinder can be used for 480 minutes, the "
        "programmer for 180 minutes. He gets $5 per house key and $22 per car key. Maximize his income.",
        [5, 22],
        [([4, 9], "<=", 480), ([0, 6], "<=", 180)],
    ),
    "items under their headings": (
        "A chef makes eclairs, tarts and macarons. Eggs: 2 per eclair, 3 per tart and 1 per macaron. Sugar: 30 grams "
        "per eclair, 25 grams per tart and 20 grams per macaron. There are 900 eggs and 11000 grams of sugar. At most"
        " 250 macarons may be made. The chef earns $3 for an eclair, $4 for a tart and $1.75 for a macaron. Maximize "
        "the earnings.",
        [3, 4, 1.75],
        [([2, 3, 1], "<=", 900), ([30, 25, 20], "<=", 11000), ([0, 0, 1], "<=", 250)],
    ),
    "ingredients for so many": (
        "A deli makes ham wraps and bean wraps. It can make at most 140 wraps in a day. It has only ham for 80 ham "
        "wraps and beans for 90 bean wraps. The profit is $2.90 on a ham wrap and $3.30 on a bean wrap. Maximize the "
        "profit.",
        [2.9, 3.3],
        [([1, 1], "<=", 140), ([1, 0], "<=", 80), ([0, 1], "<=", 90)],
    ),
    "orders that must be filled": (
        "A printer makes posters and banners. One poster uses 8 ml of ink and one banner uses 45 ml of ink. There are"
        " 9000 ml of ink. They have orders for 40 banners that must be filled. The profit is $2.25 per poster and $11"
        " per banner. Maximize the profit.",
        [2.25, 11],
        [([8, 45], "<=", 9000), ([0, 1], ">=", 40)],
    ),
    "one amount in two units": (
        "A baker makes brioches and loaves. A brioche needs 250 grams of flour and 60 grams of butter, a loaf needs "
        "480 grams of flour and 5 grams of butter. She has 30 kg of flour, which is 30000 grams, and 3600 grams of "
        "butter. A brioche earns $4.50 and a loaf $5.75. Maximize the profit.",
        [4.5, 5.75],
        [([250, 480], "<=", 30000), ([60, 5], "<=", 3600)],
    ),
    "a violin and a viola": (
        "A maker builds violins and violas. A violin takes 120 hours of carving and 30 hours of varnishing and a "
        "viola takes 150 hours of carving and 28 hours of varnishing. There are 3600 hours of carving and 780 hours "
        "of varnishing. A violin earns $2400 and a viola earns $2750. Maximize the profit.",
        [2400, 2750],
        [([120, 150], "<=", 3600), ([30, 28], "<=", 780)],
    ),
    "kilowatts are power": (
        "A resort makes snow with fans and lances. A fan makes 55 cubic meters of snow an hour and uses 24 kW. A "
        "lance makes 20 cubic meters of snow an hour and uses 7 kW. At least 900 cubic meters of snow an hour are "
        "needed. At most 70% of the machines may be lances. Which number of fans and lances uses the least power?",
        [24, 7],
        [([55, 20], ">=", 900), ([-0.7, 0.3], "<=", 0)],
    ),
    "a greenhouse of so many square metres": (
        "Mr. Brandt grows leeks and beets in a greenhouse of 800 square meters. He has to plant at least 100 square "
        "meters of leeks and at least 150 square meters of beets. The profit per square meter is $6 for leeks and $9 "
        "for beets. What areas would maximize his profit?",
        [6, 9],
        [([1, 1], "<=", 800), ([1, 0], ">=", 100), ([0, 1], ">=", 150)],
    ),
    "so much of the catch in total": (
        "A fisherman catches mackerel and cod. He has a quota of 1200 kg in total. At least 300 kg of his catch must "
        "be mackerel, and at most 700 kg can be cod. Each kg of mackerel needs 0.5 kg of ice, and each kg of cod 0.8 "
        "kg of ice; the hold takes 800 kg of ice. Mackerel earns $4.4 per kg and cod earns $7.1 per kg. Maximize his "
        "revenue.",
        [4.4, 7.1],
        [([1, 1], "<=", 1200), ([1, 0], ">=", 300), ([0, 1], "<=", 700), ([0.5, 0.8], "<=", 800)],
    ),
    "names whose plural looks singular": (
        "A writer sells atlases and menus. An atlas takes 110 minutes, a menu takes 25 minutes. There are 2200 "
        "minutes. At least 10 atlases are wanted, and not more than 50 menus. The number of atlases has to be less "
        "than the number of menus. An atlas earns $75 and a menu earns $16. Maximize the profit.",
        [75, 16],
        [([110, 25], "<=", 2200), ([1, 0], ">=", 10), ([0, 1], "<=", 50), ([1, -1], "<=", -1)],
    ),
    "a limit of what nobody sells": (
        "A farm sells goat milk and sheep milk. A can of goat milk takes 9 minutes and a can of sheep milk 12 "
        "minutes; there are 1080 minutes. At most 70 cans of goat milk can be sold. Goat milk earns $3 a can and "
        "sheep milk $5 a can. Maximize the profit.",
        [3, 5],
        [([9, 12], "<=", 1080), ([1, 0], "<=", 70)],
    ),
    "what shares its word with what holds it": (
        "A kiosk fries plum pancakes and jam pancakes. One plum pancake takes 5 plums and 2 spoons of jam. One jam "
        "pancake takes 1 plum and 4 spoons of jam. It has 50 plums and 60 spoons of jam in all. A plum pancake earns "
        "$3 and a jam pancake earns $5. Maximize the earnings.",
        [3, 5],
        [([5, 1], "<=", 50), ([2, 4], "<=", 60)],
    ),
    "one butter and the other": (
        "A bar makes cashew butter and walnut butter shakes. One cashew butter shake requires 2 units of cashew "
        "butter and 3 units of milk. One walnut butter shake requires 3 units of walnut butter and 3 units of milk. "
        "The bar has available 80 units of cashew butter, 90 units of walnut butter, and 100 units of milk. The "
        "profit per cashew butter shake is $3 and the profit per walnut butter shake is $5. Maximize the profit.",
        [3, 5],
        [([2, 0], "<=", 80), ([0, 3], "<=", 90), ([3, 3], "<=", 100)],
    ),
    "who is hired": (
        "A spa employs porters and managers. Porters earn $1250 a week and managers earn $2100 a week. At least 48 "
        "workers have to be there, of whom at least 15 must be managers. The number of managers must be no less than "
        "a third of the number of porters. Minimize the wage bill.",
        [1250, 2100],
        [([1, 1], ">=", 48), ([0, 1], ">=", 15), ([-1 / 3, 1], ">=", 0)],
    ),
    "what is put in, and what it yields": (
        "Aldo plans to invest a total of $200,000 in timber and cattle, which yield returns of 4.1% and 7.5%, "
        "respectively. Timber has to get at least 45% of the investment. At most 30% of the total investment may be "
        "in cattle. Maximize the return.",
        [0.041, 0.075],
        [([1, 1], "<=", 200000), ([0.55, -0.45], ">=", 0), ([-0.3, 0.7], "<=", 0)],
    ),
    "what who decides would rather have": (
        "Gerda grows leeks and beets. She has 100 acres available on which she must grow a minimum of 7 acres of "
        "leeks and a minimum of 12 acres of beets. The profit per acre of leeks is $25 and the profit per acre of "
        "beets is $34. She prefers to grow more beets than leeks but her crew allows her to grow at most three times "
        "the amount of beets as leeks. How many acres of each should she grow to maximize her profit?",
        [25, 34],
        [([1, 1], "<=", 100), ([1, 0], ">=", 7), ([0, 1], ">=", 12), ([-1, 1], ">=", 0), ([-3, 1], "<=", 0)],
    ),
}


def _rows(model: Milp) -> list[tuple[list[float], str, float]]:
    found = []
    matrix = model.matrix.toarray()
    sides = [(list(map(float, a)), model.row_lower[k], model.row_upper[k]) for k, a in enumerate(matrix)]
    for k in range(model.n_columns):
        unit = [float(j == k) for j in range(model.n_columns)]
        sides.append((unit, model.column_lower[k] or -float("inf"), model.column_upper[k]))
    for a, low, high in sides:
        found += [(a, ">=", float(low))] if low > -1e300 else []
        found += [(a, "<=", float(high))] if high < 1e300 else []
    return found


@pytest.mark.parametrize("name", PROBLEMS)
def test_read_right_or_not_at_all(name: str) -> None:
    text, objective, rows = PROBLEMS[name]
    reading = read(text)
    if reading.status is not ReadingStatus.UNDERSTOOD:
        assert reading.failures
        return
    assert reading.formulation is not None
    model = compile_formulation(reading.formulation)
    assert isinstance(model, Milp)
    assert list(model.objective) == pytest.approx(objective)
    found = _rows(model)
    assert len(found) == len(rows)
    for coefficients, sign, bound in rows:
        scaled = [(c, s, b) for c, s, b in found if s == sign and b == pytest.approx(bound, abs=1e-9)]
        assert any(c == pytest.approx(coefficients) for c, _, _ in scaled), (name, found)


def test_most_of_them_are_read() -> None:
    understood = [read(text).status is ReadingStatus.UNDERSTOOD for text, _, _ in PROBLEMS.values()]
    assert sum(understood) >= 4


def test_a_relation_that_holds_always_is_not_what_was_meant() -> None:
    reading = read(
        "A survey sends letters and makes calls. A letter costs $3 and yields 8 answers; a call costs $11 and yields 35 "
        "answers. At least 400 answers are needed. Letters should amount to at least 60% of all the rounds (letters plus "
        "calls). Minimize the cost."
    )
    if reading.status is ReadingStatus.UNDERSTOOD:
        assert reading.formulation is not None
        model = compile_formulation(reading.formulation)
        assert isinstance(model, Milp)
        assert any(c == pytest.approx([0.4, -0.6]) for c, _, _ in _rows(model))
