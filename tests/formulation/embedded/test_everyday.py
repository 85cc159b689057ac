"""Problems in everyday wording, each against the program that its author meant: right, never another one."""

from __future__ import annotations

import pytest

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.reading import ReadingStatus

# Text, objective, rows as (coefficients, sign, bound); all variables are at least zero.
PROBLEMS = {
    "stock after a semicolon": (
        "A food truck sells wraps and salads. Each wrap needs 150 g of chicken and each salad 90 g; there are 12 kg of "
        "chicken. A wrap earns $3.20, a salad $2.75. What should it sell to earn the most?",
        [3.2, 2.75],
        [([150, 90], "<=", 12000)],
    ),
    "a unit that is said once": (
        "A tailor has 80 yards of cotton and 120 yards of wool. A suit takes 2 yards of cotton and 4 of wool; a dress "
        "takes 5 of cotton and 3 of wool. A suit sells for $300 and a dress for $200. Maximise revenue.",
        [300, 200],
        [([2, 5], "<=", 80), ([4, 3], "<=", 120)],
    ),
    "a list and what there is in one sentence": (
        "A company makes desk lamps, floor lamps and ceiling lamps. Profit is $12, $20 and $15 respectively. Assembly "
        "takes 1, 2 and 1.5 hours respectively, and 200 hours of assembly are available. How many of each should be "
        "made to maximise profit?",
        [12, 20, 15],
        [([1, 2, 1.5], "<=", 200)],
    ),
    "as many as I can": (
        "My budget for ads is $6,000. A radio ad costs $300 and reaches 5,000 people, a newspaper ad costs $200 and "
        "reaches 3,000. I want no more than 12 radio ads. How do I reach as many people as I can?",
        [5000, 3000],
        [([300, 200], "<=", 6000), ([1, 0], "<=", 12)],
    ),
    "a total that is needed": (
        "Mix two kinds of coffee, arabica and robusta. Arabica costs $9 a kilo and robusta costs $5 a kilo. The blend "
        "must be at least 60% arabica, and 200 kilos are needed in total. Minimise the cost.",
        [9, 5],
        [([1, 1], ">=", 200), ([0.4, -0.6], ">=", 0)],
    ),
    "what is blended weighs": (
        "We blend arabica and robusta coffee. Arabica costs $9 per kilo and robusta costs $5 per kilo. At least 60% of "
        "the blend must be arabica, and the blend must weigh exactly 200 kilos. Minimise the cost.",
        [9, 5],
        [([1, 1], "==", 200), ([0.4, -0.6], ">=", 0)],
    ),
    "what is earned is the objective where nothing else is": (
        "A joiner makes stools and benches. A stool takes 3 hours of sanding and a bench 5 hours, and he can sand for "
        "60 hours. The profit is $20 per stool and $36 per bench. How many of each should he make?",
        [20, 36],
        [([3, 5], "<=", 60)],
    ),
    "what there is after a pronoun": (
        "A press prints leaflets and booklets. The cutter needs 2 minutes for a leaflet and 7 minutes for a booklet, and "
        "it is free for 400 minutes. A leaflet brings a profit of $1 and a booklet of $4. Maximize the profit.",
        [1, 4],
        [([2, 7], "<=", 400)],
    ),
    "what there is behind a comma": (
        "A dyer colours scarves and shawls. A scarf takes 12 g of indigo and a shawl takes 20 g, with 900 g in the jar. "
        "At most 30 shawls can be sold. Each scarf earns $6 and each shawl earns $11. Maximize the earnings.",
        [6, 11],
        [([12, 20], "<=", 900), ([0, 1], "<=", 30)],
    ),
    "what a place holds, whatever the verb": (
        "A gardener grows leeks and chards. A leek drinks 3 litres a week and a chard drinks 5 litres a week. The tank "
        "yields 600 litres a week. Each leek sells for $2 and each chard sells for $3. Maximize the revenue.",
        [2, 3],
        [([3, 5], "<=", 600)],
    ),
    "a limit and a relation in one sentence": (
        "A courier rides bike trips and van trips. A bike trip carries 20 boxes and a van trip carries 70 boxes. At least "
        "900 boxes must be carried. The city only allows 8 van trips a day, and the number of bike trips must not exceed "
        "four times the number of van trips. Minimize the total number of trips.",
        [1, 1],
        [([20, 70], ">=", 900), ([0, 1], "<=", 8), ([1, -4], "<=", 0)],
    ),
    "a limit of one and a share in one sentence": (
        "A hall shows films, talks and plays. A film lasts 2 hours, a talk lasts 1 hour and a play lasts 3 hours, and "
        "there are 90 hours. The council requires at least 5 talks, and plays may make up at most 30% of all events. A film "
        "earns $50, a talk earns $20 and a play earns $80. Maximize the earnings.",
        [50, 20, 80],
        [([2, 1, 3], "<=", 90), ([0, 1, 0], ">=", 5), ([-0.3, -0.3, 0.7], "<=", 0)],
    ),
    "pots in which they come": (
        "A nursery sells roses and ferns. A pot of roses wants 4 litres of compost and a pot of ferns wants 2 litres, and "
        "there are 500 litres of compost. The bench has room for 160 pots altogether. Ferns must make up at least 40% of "
        "the pots. The profit is $3 a pot for roses and $2 a pot for ferns. Maximize the profit.",
        [3, 2],
        [([4, 2], "<=", 500), ([1, 1], "<=", 160), ([-0.4, 0.6], ">=", 0)],
    ),
    "one of them in a list of amounts": (
        "A keeper feeds hay and oats. One bale of hay has 22 grams of protein, one bale of oats has 30 grams of protein. "
        "At least 250 grams of protein are needed. A bale of hay costs $3 and a bale of oats costs $5. Minimize the cost.",
        [3, 5],
        [([22, 30], ">=", 250)],
    ),
    "number words that count amounts": (
        "A printer binds albums and diaries. The glue station must work three minutes on each album and two minutes on each "
        "diary. The glue station runs for 300 minutes. An album earns four dollars and a diary earns three dollars. At "
        "least forty diaries are needed. Maximize the earnings.",
        [4, 3],
        [([3, 2], "<=", 300), ([0, 1], ">=", 40)],
    ),
    "what is to be done and not what is had": (
        "A laundry runs small loads and large loads. A small load washes 6 kg of linen and a large load washes 15 kg. There "
        "are 600 kg of linen to wash. A small load costs $2 and a large load costs $4. At most 30 large loads can be run. "
        "Minimize the cost.",
        [2, 4],
        [([6, 15], ">=", 600), ([0, 1], "<=", 30)],
    ),
    "twice as many as the other": (
        "A club buys melons and plums. At least 24 fruits are needed in total. Melons cost $9 each and we want twice as "
        "many as plums. Plums cost $6 each. Minimize the cost.",
        [9, 6],
        [([1, 1], ">=", 24), ([1, -2], ">=", 0)],
    ),
    "the best plan is the one that earns most": (
        "A dairy makes curd and brie. A wheel of curd takes 3 hours and a wheel of brie takes 8 hours, and 480 hours are "
        "available. A wheel of curd gives a profit of 16 euros and a wheel of brie 21 euros. What is the best weekly plan?",
        [16, 21],
        [([3, 8], "<=", 480)],
    ),
    "hours of each": (
        "A pupil revises maths or Latin. An hour of maths adds 4 marks and an hour of Latin adds 3 marks. She has 50 hours. "
        "At least 10 hours of Latin are needed. Maximize the marks.",
        [4, 3],
        [([1, 1], "<=", 50), ([0, 1], ">=", 10)],
    ),
    "a subject that is no part of a name": (
        "A rental yard leases tents and stoves. Each tent takes 9 kg in the trailer and each stove takes 4 kg, and the trailer "
        "carries 300 kg. Each tent earns $30 and each stove earns $12. Maximize the earnings.",
        [30, 12],
        [([9, 4], "<=", 300)],
    ),
    "crates and barrels may be what is decided": (
        "A yard packs goods in crates and barrels. A crate weighs 40 pounds and a barrel weighs 65 pounds. The lorry can "
        "carry up to 2,600 pounds. The yard is paid $7 for each crate and $10 for each barrel. Maximize the revenue.",
        [7, 10],
        [([40, 65], "<=", 2600)],
    ),
    "staff at hand and a demand in one sentence": (
        "A bank opens small counters and large counters. A small counter serves 15 people an hour and takes 2 clerks. A large "
        "counter serves 50 people an hour and takes 5 clerks. There are 43 clerks and the bank must serve at least 200 people "
        "an hour. Minimize the total number of counters.",
        [1, 1],
        [([2, 5], "<=", 43), ([15, 50], ">=", 200)],
    ),
    "an hour and ten minutes": (
        "A packer fills tins and jars. A tin takes 1 minute and a jar takes 2 minutes. The packer has an hour and ten "
        "minutes. The profit is $3 per tin and $5 per jar. Maximize the profit.",
        [3, 5],
        [([1, 2], "<=", 70)],
    ),
    "how cheap": (
        "A camp buys tents and huts. A tent sleeps 4 people and a hut sleeps 9 people. At least 90 people must sleep. A tent "
        "costs $60 and a hut costs $150. No fewer than 3 huts are wanted. How cheap can it be?",
        [60, 150],
        [([4, 9], ">=", 90), ([0, 1], ">=", 3)],
    ),
    "there cannot be more of one": (
        "A builder hires masons and painters. A mason costs $900 a week and a painter costs $700 a week. At least 20 people "
        "must be hired in total. There cannot be more painters than masons. Minimize the cost.",
        [900, 700],
        [([1, 1], ">=", 20), ([-1, 1], "<=", 0)],
    ),
    "one and a half times": (
        "A clinic hires nurses and clerks. A nurse costs $300 a day and a clerk costs $200 a day. At least 40 people must be "
        "hired in total. The number of nurses must be at least one and a half times the number of clerks. Minimize the cost.",
        [300, 200],
        [([1, 1], ">=", 40), ([1, -1.5], ">=", 0)],
    ),
    "at least so many of each": (
        "A plant builds radios and phones. A radio takes 2 hours and a phone takes 3 hours, and 400 hours are available. At "
        "least 30 of each device have to be built. The profit is $20 per radio and $33 per phone. Maximize the profit.",
        [20, 33],
        [([2, 3], "<=", 400), ([1, 0], ">=", 30), ([0, 1], ">=", 30)],
    ),
    "against a sum": (
        "A press bottles walnut oil, palm oil and olive oil. At most 900 litres can be bottled in total. The amount of walnut "
        "oil must not exceed the combined amount of palm oil and olive oil. The profit per litre is $5 for walnut oil, $2 "
        "for palm oil and $4 for olive oil. Maximize the profit.",
        [5, 2, 4],
        [([1, 1, 1], "<=", 900), ([1, -1, -1], "<=", 0)],
    ),
    "what was promised": (
        "A miner runs the hill pit and the lake pit. The hill pit costs $700 a day and yields 12 tons of slate a day. The lake "
        "pit costs $900 a day and yields 20 tons of slate a day. The miner has promised a builder 216 tons of slate. How many "
        "days should each pit be run at the lowest cost?",
        [700, 900],
        [([12, 20], ">=", 216)],
    ),
    "all pumps after some": (
        "A mine buys small pumps and large pumps. A small pump lifts 25 barrels and a large pump lifts 70 barrels, and at "
        "least 900 barrels must be lifted. At least 8 small pumps have to be used, and the grid allows no more than 25 pumps. "
        "A small pump costs $60 and a large pump costs $145. Minimize the cost.",
        [60, 145],
        [([25, 70], ">=", 900), ([1, 0], ">=", 8), ([1, 1], "<=", 25)],
    ),
    "a share of an amount that is told": (
        "A trader has $90,000 to invest in tin and zinc. The yearly return is 4% on tin and 6% on zinc. No more than 30% of "
        "the $90,000 may be invested in zinc. At least $20,000 must be invested in tin. Maximize the return.",
        [0.04, 0.06],
        [([1, 1], "<=", 90000), ([0, 1], "<=", 27000), ([1, 0], ">=", 20000)],
    ),
    "a score of points": (
        "In a quiz each riddle is worth 4 points and takes 3 minutes and each rebus is worth 7 points and takes 6 minutes. The "
        "quiz lasts 90 minutes. At most 22 questions may be answered. How many riddles and rebuses give the highest score?",
        [4, 7],
        [([3, 6], "<=", 90), ([1, 1], "<=", 22)],
    ),
    "a range of one of them": (
        "A dairy bottles milk and cream. A bottle of milk earns 40 cents and takes 1 minute on the filler; a bottle of "
        "cream earns 90 cents and takes 2 minutes. The filler runs for 8 hours. Between 50 and 200 bottles of cream can "
        "be sold, and at least 100 bottles of milk must be filled. Maximise earnings.",
        [0.4, 0.9],
        [([1, 2], "<=", 480), ([0, 1], ">=", 50), ([0, 1], "<=", 200), ([1, 0], ">=", 100)],
    ),
    "two ranges in one sentence": (
        "A dairy fills milk and cream. Each bottle of milk earns 40 cents and each bottle of cream earns 90 cents. It "
        "must fill between 50 and 200 bottles of cream and between 100 and 300 bottles of milk. No more than 400 "
        "bottles can be filled in total. Maximise earnings.",
        [0.4, 0.9],
        [([0, 1], ">=", 50), ([0, 1], "<=", 200), ([1, 0], ">=", 100), ([1, 0], "<=", 300), ([1, 1], "<=", 400)],
    ),
    "trips in total": (
        "A courier can send parcels by van or by cargo bike. A van carries 40 parcels per trip and costs $25; a bike "
        "carries 8 parcels and costs $4. At least 300 parcels must be delivered. At most 20 trips can be made in total, "
        "and there must be more bike trips than van trips. Minimize the cost.",
        [25, 4],
        [([40, 8], ">=", 300), ([1, 1], "<=", 20), ([1, -1], "<=", -1)],
    ),
    "members served": (
        "A gym buys treadmills and bikes. A treadmill costs $1,500 and takes 6 square metres, a bike costs $600 and "
        "takes 2.5 square metres. The gym has $30,000 and 110 square metres. Each treadmill can serve 10 members a day "
        "and each bike 6. How many of each should it buy to serve the most members?",
        [10, 6],
        [([1500, 600], "<=", 30000), ([6, 2.5], "<=", 110)],
    ),
    "platters": (
        "A caterer needs at least 90 sandwiches and 40 salads. Platter A holds 6 sandwiches and 2 salads and costs $38; "
        "platter B holds 4 sandwiches and 4 salads and costs $34. How many of each platter keep the cost lowest?",
        [38, 34],
        [([6, 4], ">=", 90), ([2, 4], ">=", 40)],
    ),
    "a big one": (
        "A bus line wants to carry at least 500 passengers with small and big buses. A small bus carries 20 passengers "
        "and needs one driver; a big bus carries 50 passengers and needs 2 drivers. A small bus costs $180 per day, a "
        "big one $400 per day. There are 25 drivers. What fleet costs least?",
        [180, 400],
        [([20, 50], ">=", 500), ([1, 2], "<=", 25)],
    ),
    "kilometres of road": (
        "The council has 3 million euros for roads and parks. A kilometre of road costs 150,000 euros and a park "
        "200,000 euros. A road kilometre serves 900 people, a park 1,400 people. At least four parks are wanted, and "
        "not more than 12 kilometres of road can be built. Serve as many people as possible.",
        [900, 1400],
        [([150000, 200000], "<=", 3000000), ([0, 1], ">=", 4), ([1, 0], "<=", 12)],
    ),
    "a third of the pieces": (
        "Each sofa needs 8 hours of labour and $200 of materials, each armchair needs 5 hours of labour and $120 of "
        "materials. Weekly there are 400 hours of labour and $9,000 for materials. Sofas are sold at a profit of $150 "
        "and armchairs at a profit of $90. At most a third of the pieces made may be armchairs. Find the production "
        "that gives the largest profit.",
        [150, 90],
        [([8, 5], "<=", 400), ([200, 120], "<=", 9000), ([1 / 3, -2 / 3], ">=", 0)],
    ),
    "a choir's fair": (
        "A choir sells cakes and pies at a fair. Each cake needs 3 eggs and 200 g of sugar. Each pie needs 2 eggs and "
        "150 g of sugar. There are 60 eggs and 4 kg of sugar. Cakes sell for $12 and pies for $9. Maximise income.",
        [12, 9],
        [([3, 2], "<=", 60), ([200, 150], "<=", 4000)],
    ),
    "the largest audience": (
        "A company advertises on TV and online. A TV spot costs $4,000 and an online spot $1,000. TV spots reach 30,000 "
        "viewers each, online spots 9,000. The budget is $60,000. At least 5 TV spots and at most 25 online spots must "
        "be bought. How should the money be spent so as to reach the largest audience?",
        [30000, 9000],
        [([4000, 1000], "<=", 60000), ([1, 0], ">=", 5), ([0, 1], "<=", 25)],
    ),
    "at least a quarter": (
        "A farmer has 100 hectares to plant with wheat and barley. Wheat costs $120 per hectare to seed and barley $90; "
        "he has $10,800. Wheat gives a net return of $300 per hectare, barley $220. At least a quarter of the planted "
        "land must be barley. Maximise the return.",
        [300, 220],
        [([1, 1], "<=", 100), ([120, 90], "<=", 10800), ([-0.25, 0.75], ">=", 0)],
    ),
    "what is sold less what it costs": (
        "A bakery makes bread and cakes. A loaf of bread uses 500 g flour and a cake 300 g flour and 200 g sugar. It "
        "has 50 kg flour and 8 kg sugar. Bread sells for $4 and costs $1.50 to make; cakes sell for $10 and cost $4 to "
        "make. How many of each maximise profit?",
        [2.5, 6],
        [([500, 300], "<=", 50000), ([0, 200], "<=", 8000)],
    ),
    "a budget for what is sold": (
        "A shop sells desks and chairs. Each desk costs $70 and sells for $120. Each chair costs $30 and sells for $50. "
        "It has room for 80 pieces and a budget of $4,000. At least 10 desks must be bought. Maximise the profit.",
        [50, 20],
        [([70, 30], "<=", 4000), ([1, 1], "<=", 80), ([1, 0], ">=", 10)],
    ),
    "an average of a blend": (
        "A refiner blends two crudes into petrol. Crude A costs $60 a barrel and has an octane of 85; crude B costs $75 "
        "a barrel and has an octane of 95. The petrol must have an octane of at least 91. 1,000 barrels of petrol are "
        "needed. Minimise the cost.",
        [60, 75],
        [([-6, 4], ">=", 0), ([1, 1], ">=", 1000)],
    ),
    "money to invest": (
        "Anna has $50,000 to invest in bonds, stocks and gold. Bonds return 4% a year, stocks 9% and gold 5%. At most "
        "40% of the money may be in stocks, and at least $10,000 must be in bonds. Maximise the return.",
        [0.04, 0.09, 0.05],
        [([1, 1, 1], "<=", 50000), ([0.4, -0.6, 0.4], ">=", 0), ([1, 0, 0], ">=", 10000)],
    ),
    "minutes each and hours in all": (
        "An orchard sells apples and pears by the crate. A crate of apples brings $14 and a crate of pears $18. Picking "
        "a crate of apples takes 20 minutes, a crate of pears 30 minutes. Pickers work 70 hours in all. At least 40 "
        "crates of apples have been promised. What is the most the orchard can earn?",
        [14, 18],
        [([20, 30], "<=", 4200), ([1, 0], ">=", 40)],
    ),
}


@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_it_says_what_its_author_meant(name):
    text, objective, rows = PROBLEMS[name]
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    assert model.objective.tolist() == pytest.approx(objective)
    assert sorted(_rows(model)) == sorted(_scaled(*row) for row in rows)


def _rows(model):
    """Return the rows of a model, bounds of columns other than zero among them."""
    told = []
    for row, low, high in zip(model.matrix.toarray(), model.row_lower, model.row_upper, strict=True):
        sign = "==" if low == high else ("<=" if high < float("inf") else ">=")
        told.append((row.tolist(), sign, high if sign == "<=" else low))
    count = len(model.column_lower)
    told += [
        ([1.0 * (j == k) for j in range(count)], sign, bound)
        for k in range(count)
        for sign, bound in ((">=", model.column_lower[k]), ("<=", model.column_upper[k]))
        if 0 < bound < float("inf")
    ]
    return [_scaled(*row) for row in told]


def _scaled(row, sign, bound):
    """Return a row with its first coefficient made one, so that its scale does not matter."""
    lead = next(value for value in row if value)
    turned = {"<=": ">=", ">=": "<=", "==": "=="}[sign] if lead < 0 else sign
    return tuple(round(value / lead, 9) for value in row), turned, round(bound / lead, 9)


SHOP = (
    "A shop makes desks and chairs. Profit is $20 per desk and $10 per chair. Each desk takes 2 hours and each chair 1 "
    "hour of work. {}Maximise profit."
)
WORK = ([2, 1], "<=", 100)


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ("For every desk at least two chairs must be made. ", ([-2, 1], ">=", 0)),
        ("For every 3 desks, at least 4 chairs must be made. ", ([-4, 3], ">=", 0)),
        ("At least two chairs must be made for every desk. ", ([-2, 1], ">=", 0)),
        ("There must be no more than 4 chairs per desk. ", ([-4, 1], "<=", 0)),
        ("With each desk there must go exactly 4 chairs. ", ([-4, 1], "==", 0)),
        ("Every desk needs at least four chairs. ", ([-4, 1], ">=", 0)),
        ("Chairs must make up no less than 40% of the profit. ", ([-8, 6], ">=", 0)),
        ("At least 30% of the work must be spent on chairs. ", ([-0.6, 0.7], ">=", 0)),
        ("Desks may take no more than half of the hours. ", ([1, -0.5], "<=", 0)),
        ("At least 40% of the pieces must be chairs. ", ([-0.4, 0.6], ">=", 0)),
        ("The chairs need at least as many hours as the desks. ", ([-2, 1], ">=", 0)),
        ("There must be at least as many chairs as desks. ", ([-1, 1], ">=", 0)),
        ("It can make at most 5 more desks than chairs. ", ([1, -1], "<=", 5)),
    ],
)
def test_a_relation_speaks_of_what_its_words_name(said, row):
    reading = read(SHOP.format(f"100 hours of work are available. {said}"))
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    assert sorted(_rows(compile_formulation(reading.formulation))) == sorted(_scaled(*each) for each in (WORK, row))


@pytest.mark.parametrize(
    "said",
    [
        "Three carpenters work 40 hours each. ",
        "Two carpenters each work 40 hours. ",
        "It has three carpenters with 40 hours each. ",
        "There are 5 workers who work 8 hours a day. ",
        "A carpenter works 40 hours, and there are three carpenters. ",
        "100 hours of work are available, plus 20 hours of overtime. ",
        "100 hours of work are available, of which 10 must be kept for repairs. ",
        "There are 100 hours of work a week, and the plan is for 4 weeks. ",
        "100 hours of work are available. Every third chair is given away for free. ",
        "100 hours of work are available. Half of the desks are painted, which takes another hour each. ",
        "100 hours of work are available. The boards come in sets of 4. ",
        "100 hours of work are available. If more than 20 desks are made, a second van must be rented for $50. ",
        "100 hours of work are available. A customer who buys a desk always buys four chairs. ",
        "100 hours of work are available. More hours must be spent on desks than on chairs. ",
        "100 hours of work are available. Last year it made 30 desks. ",
        "100 hours of work are available. The rent is $200. ",
    ],
)
def test_what_changes_a_number_is_never_passed_over(said):
    reading = read(SHOP.format(said))
    assert reading.status is not ReadingStatus.UNDERSTOOD
    assert reading.failures


def test_a_list_shares_the_scale_of_its_last_number():
    text = (
        "A city can fund five parks: A, B, C, D and E. The costs are 30, 55, 40, 25 and 10 thousand dollars respectively "
        "and the benefits are 12, 20, 15, 9 and 4. The budget is {} thousand dollars. Choose parks to maximize the benefit."
    )
    model = compile_formulation(read(text.format(100)).formulation)
    assert model.matrix.toarray().tolist() == [[30000, 55000, 40000, 25000, 10000]]
    assert model.row_upper.tolist() == [100000]
    unsure = read(
        "A shop makes desks and chairs. Each desk takes 2 hours and each chair 1 hour of work. 100 hours are available. "
        "Desks and chairs bring a profit of 700 and 1 thousand dollars respectively. Maximise the profit."
    )
    assert unsure.status is not ReadingStatus.UNDERSTOOD
    assert any(question.id.startswith("number-") for question in unsure.questions)


@pytest.mark.parametrize(
    "said",
    ["The kiln holds at most some mugs. ", "Only a few mugs can be sold. ", "There is a limit on mugs. "],
)
def test_a_limit_without_a_number_is_named(said):
    reading = read(
        "A potter makes vases and mugs. Each vase takes 2 kg of clay and each mug takes 1 kg of clay. 30 kg of clay are "
        f"available. {said}The profit is $9 per vase and $4 per mug. Maximise the profit."
    )
    assert [failure.check for failure in reading.failures] == ["amounts"]
    assert reading.failures[0].evidence
