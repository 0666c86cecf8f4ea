"""A FastAPI server with an event stream, kept in memory, that Tidings can follow."""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Header
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

KEEP = 1000


class NewEvent(BaseModel):
    """What may be posted."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[str, Field(pattern=r"^[\w.:/-]{1,100}$")] = "message"
    title: Annotated[str, Field(min_length=1, max_length=200)]
    body: Annotated[str | None, Field(max_length=100_000)] = None
    level: Literal["low", "normal", "high", "critical"] | None = None
    url: Annotated[str | None, Field(pattern=r"^https?://", max_length=2000)] = None


class Events:
    """The newest events, numbered from 1.

    All is lost when the process ends, and so is the numbering. An id therefore also names the process that gave it
    ("1795476261-7"): an id of an earlier one is not taken for one of ours.
    """

    def __init__(self) -> None:
        self.started = int(time.time())
        self.kept: deque[tuple[int, NewEvent]] = deque(maxlen=KEEP)
        self.newest = 0
        self.news = asyncio.Event()

    def id(self, number: int) -> str:
        return f"{self.started}-{number}"

    def append(self, event: NewEvent) -> str:
        self.newest += 1
        self.kept.append((self.newest, event))
        # Whoever waits is woken; whoever comes later waits for the next event.
        self.news.set()
        self.news = asyncio.Event()
        return self.id(self.newest)

    def position(self, last_event_id: str) -> int:
        """The number after which a client goes on; for an id that is not ours one before all numbers."""
        started, _, number = last_event_id.partition("-")
        ours = started == str(self.started) and number.isdecimal() and len(number) < 16
        return int(number) if ours and int(number) <= self.newest else -1

    async def follow(self, last_event_id: str | None) -> AsyncIterator[ServerSentEvent]:
        # Who names no event begins with the next.
        last = last_event_id or self.id(self.newest)
        position = self.position(last)
        # Without data this raises no event, but even a client that has seen none can now resume here.
        yield ServerSentEvent(id=last, retry=3000)
        while True:
            news = self.news
            oldest = self.kept[0][0] if self.kept else 1
            if position < oldest - 1:
                # What lies between is forgotten: the client was away, or reads, too slowly for what is kept.
                gap = json.dumps({"requested": last, "oldest": self.id(oldest)})
                position = oldest - 1
                yield ServerSentEvent(gap, event="gap", id=self.id(position))
            for number, event in [entry for entry in self.kept if entry[0] > position]:
                position, last = number, self.id(number)
                data = json.dumps(event.model_dump(exclude_none=True), ensure_ascii=False)
                yield ServerSentEvent(data, event=event.type, id=last)
            await news.wait()


app = FastAPI(title="Events")
events = Events()


@app.get("/events")
async def stream(last_event_id: Annotated[str | None, Header()] = None) -> EventSourceResponse:
    return EventSourceResponse(events.follow(last_event_id), ping=15)


@app.post("/events", status_code=201)
async def publish(event: NewEvent) -> dict[str, Any]:
    return {"id": events.append(event)}
