// Starts the server.
import 'reflect-metadata';
import { Module, StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { MOST_BYTES, wrongBody } from './body.js';
import { EventsController } from './events.js';
import { EventLog } from './log.js';
import { RedisLog } from './redis.js';
import { Settings } from './settings.js';
import { SqliteLog } from './sqlite.js';

@Module({})
class Server {}

async function start(): Promise<void> {
  const settings = Settings.read(process.env);
  const log = settings.redis
    ? await RedisLog.connect(settings.redis, settings.keep)
    : new SqliteLog(settings.database, settings.keep);
  const server = {
    module: Server,
    controllers: [EventsController],
    providers: [
      { provide: Settings, useValue: settings },
      { provide: EventLog, useValue: log },
    ],
  };
  const app = await NestFactory.create<NestExpressApplication>(server, {
    logger: ['warn', 'error'],
    // Streams never end by themselves, and would keep a stopped server alive.
    forceCloseConnections: true,
    // Only JSON is read, so that no web page can post a plain form to this server.
    bodyParser: false,
  });
  // Before the body is read, so that a page may read what is wrong with it.
  app.enableCors({ origin: settings.origins, allowedHeaders: ['Authorization', 'Content-Type', 'Last-Event-ID'] });
  app.useBodyParser('json', { limit: MOST_BYTES, strict: false });
  app.use(wrongBody);
  app.useGlobalPipes(new StandardSchemaValidationPipe());
  app.enableShutdownHooks();
  await app.listen(settings.port, settings.host);
  console.log(`listening on ${await app.getUrl()}`);
}

start().catch((error: unknown) => {
  console.error(`the server cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
