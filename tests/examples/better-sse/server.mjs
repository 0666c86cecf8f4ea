// better-sse on express as its documentation shows it: sessions in a channel, a retry-only preamble.
import { createChannel, createSession } from 'better-sse';
import express from 'express';

const app = express();
const channel = createChannel();
let last = 0;

app.get('/events', async (request, response) => {
  channel.register(await createSession(request, response));
});
app.post('/publish/:type', express.text({ type: () => true, limit: '1mb' }), (request, response) => {
  channel.broadcast(request.body, request.params.type, { eventId: String(++last) });
  response.status(201).end();
});
const server = app.listen(Number(process.env.PORT), '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
);
