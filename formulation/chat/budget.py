"""What a conversation may cost, and what it has cost, agent by agent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from formulation.answer import AgentUsage
from formulation.chat.errors import BudgetSpent
from formulation.chat.port import ChatReply, ChatRequest, Usage, estimated_tokens

MIN_REPLY_TOKENS = 64
"""A call that could not even receive so much is not made."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one job may spend; None is no limit. ``cost`` needs prices to bite."""

    tokens: int | None = 200_000
    cost: float | None = None
    calls: int | None = 40


@dataclass(frozen=True, slots=True)
class Account:
    """What one agent has used."""

    calls: int = 0
    cached: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: float = 0.0
    time_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reservation:
    """Tokens set aside for a call under way; ``max_reply_tokens`` is the most it may be answered with."""

    tokens: int
    cost: float
    max_reply_tokens: int | None


class Ledger:
    """The accounts of one job, and the guard of its budget.

    Calls under way side by side hold reservations, so that together they cannot overrun the limit. Prices are
    per million tokens of prompt and of reply.
    """

    def __init__(self, budget: Budget = Budget(), prices: tuple[float, float] = (0.0, 0.0)) -> None:
        self.budget = budget
        self.prices = prices
        self.accounts: dict[str, Account] = defaultdict(Account)
        self._calls = 0
        self._tokens_held = 0
        self._cost_held = 0.0

    @property
    def total(self) -> Account:
        """The sum of all agents' accounts."""
        all_ = self.accounts.values()
        return Account(
            sum(a.calls for a in all_),
            sum(a.cached for a in all_),
            sum((a.usage for a in all_), Usage()),
            sum(a.cost for a in all_),
            sum(a.time_s for a in all_),
        )

    def reserve(self, request: ChatRequest, default_reply_tokens: int) -> Reservation:
        """Set aside what the call may use. Raises `BudgetSpent` before the call where it would not fit."""
        budget, total = self.budget, self.total
        if budget.calls is not None and self._calls >= budget.calls:
            raise BudgetSpent(f"the budget of {budget.calls} model calls is spent; raise it to go on", "calls")
        prompt = sum(estimated_tokens(m.content) for m in request.messages) + estimated_tokens(request.schema)
        reply = request.max_reply_tokens or default_reply_tokens
        if budget.tokens is not None:
            room = budget.tokens - total.usage.tokens - self._tokens_held - prompt
            if room < MIN_REPLY_TOKENS:
                raise BudgetSpent(
                    f"{total.usage.tokens} of {budget.tokens} tokens are spent, too little is left for another call",
                    "tokens",
                )
            reply = min(reply, room)
        cost = self._price(prompt, reply)
        if budget.cost is not None:
            left = budget.cost - total.cost - self._cost_held
            if budget.cost <= 0 or left < self._price(prompt, MIN_REPLY_TOKENS):
                raise BudgetSpent(f"{total.cost:.4f} of {budget.cost:g} is spent; another call does not fit", "cost")
            if cost > left and self.prices[1] > 0:
                reply = int((left - self._price(prompt, 0)) * 1e6 / self.prices[1])
                cost = self._price(prompt, reply)
        self._calls += 1
        self._tokens_held += prompt + reply
        self._cost_held += cost
        return Reservation(prompt + reply, cost, reply)

    def settle(self, agent: str, reservation: Reservation, reply: ChatReply | None) -> float:
        """Give back what was set aside, charge what was used, and return its cost."""
        self._tokens_held -= reservation.tokens
        self._cost_held -= reservation.cost
        account = self.accounts[agent]
        if reply is None:
            self.accounts[agent] = Account(
                account.calls + 1, account.cached, account.usage, account.cost, account.time_s
            )
            return 0.0
        cost = self._price(reply.usage.prompt_tokens, reply.usage.reply_tokens)
        self.accounts[agent] = Account(
            account.calls + 1,
            account.cached,
            account.usage + reply.usage,
            account.cost + cost,
            account.time_s + reply.time_s,
        )
        return cost

    def carry(self, spent: AgentUsage) -> None:
        """Count what the same job has spent before, in a process that is no more."""
        a = self.accounts[spent.agent]
        usage = a.usage + Usage(spent.prompt_tokens, spent.reply_tokens)
        self.accounts[spent.agent] = Account(
            a.calls + spent.calls, a.cached, usage, a.cost + spent.cost, a.time_s + spent.time_s
        )
        self._calls += spent.calls

    def note_cached(self, agent: str) -> None:
        """Count a reply that came from the cache and cost nothing."""
        a = self.accounts[agent]
        self.accounts[agent] = Account(a.calls, a.cached + 1, a.usage, a.cost, a.time_s)

    def _price(self, prompt_tokens: int, reply_tokens: int) -> float:
        return (prompt_tokens * self.prices[0] + reply_tokens * self.prices[1]) / 1e6
