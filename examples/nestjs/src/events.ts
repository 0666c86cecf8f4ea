// The HTTP endpoints.
import { ServerResponse } from 'node:http';
import {
  Body,
  Controller,
  Get,
  Headers,
  Logger,
  type MessageEvent,
  Post,
  Query,
  Res,
  ServiceUnavailableException,
  Sse,
  SseSignal,
  UseGuards,
} from '@nestjs/common';
import { catchError, EMPTY, from, type Observable } from 'rxjs';
import { z } from 'zod';
import { NewEvent, send, type StoredEvent } from './event.js';
import { EventLog } from './log.js';
import { Settings } from './settings.js';
import { follow, position } from './stream.js';
import { TokenGuard } from './token.js';

const MOST = Number.MAX_SAFE_INTEGER;

function whole<Fallback extends number | undefined>(low: number, high: number, fallback: Fallback) {
  const wanted = send(`a whole number from ${low} to ${high}`);
  return z
    .string(wanted)
    .regex(/^\d{0,15}$/, wanted)
    .transform((text) => (text === '' ? fallback : Number(text)))
    .refine((number) => number === undefined || (number >= low && number <= high), wanted)
    .prefault('');
}

const Page = z.object({ after: whole(0, MOST, 0), limit: whole(1, 500, 100) });

const Filter = z.object({
  types: z
    .string(send('event types once, separated by commas'))
    .transform((text) => new Set(text.split(',').filter((type) => type !== '')))
    .optional(),
  untyped: z.stringbool(send('true or false')).optional(),
  limit: whole(1, MOST, undefined),
});

@Controller()
export class EventsController {
  private readonly logger = new Logger(EventsController.name);

  constructor(
    private readonly log: EventLog,
    private readonly settings: Settings,
  ) {}

  @Sse('events')
  @UseGuards(TokenGuard)
  async stream(
    @Query({ schema: Filter }) { types, untyped, limit }: z.infer<typeof Filter>,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: ServerResponse,
    @SseSignal() signal: AbortSignal,
  ): Promise<Observable<MessageEvent>> {
    const start = await position(this.log, lastEventId);
    const wanted = { types: types?.size ? types : undefined, untyped, limit };
    return from(follow(this.log, start, wanted, this.settings.heartbeat, response, signal)).pipe(
      // NestJS would send an "error" event that it numbers from 1. An end makes the client resume where it was.
      catchError((error: unknown) => {
        if (!(error instanceof ServiceUnavailableException)) this.logger.error(error);
        return EMPTY;
      }),
    );
  }

  @Post('api/events')
  @UseGuards(TokenGuard)
  publish(@Body({ schema: NewEvent }) event: NewEvent): Promise<StoredEvent> {
    return this.log.append(event, new Date());
  }

  @Get('api/events')
  @UseGuards(TokenGuard)
  list(@Query({ schema: Page }) { after, limit }: z.infer<typeof Page>): Promise<StoredEvent[]> {
    return this.log.after(after, limit);
  }

  @Get('health')
  async health() {
    return { status: 'ok', ...(await this.log.range()) };
  }
}
