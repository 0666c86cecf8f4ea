// The handler from the NestJS documentation as it is: without ids, so NestJS numbers every connection from 1.
import 'reflect-metadata';
import { Controller, type MessageEvent, Module, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { interval, map, type Observable } from 'rxjs';

@Controller()
class StockController {
  @Sse('sse')
  sse(): Observable<MessageEvent> {
    return interval(1000).pipe(map(() => ({ data: { hello: 'world' } })));
  }
}

@Module({ controllers: [StockController] })
class Stock {}

const app = await NestFactory.create(Stock, { logger: ['warn', 'error'], forceCloseConnections: true });
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 3001), '127.0.0.1');
console.log(`listening on ${await app.getUrl()}`);
