// Events that servers and parsers get wrong, and the check that each came once and in order.
import assert from 'node:assert/strict';

export const EVENTS = [
  ['message', 'hello'],
  ['message', 'hello'],
  ['order.paid', '여러 줄\n두 번째 줄\n\n넷째 줄'],
  ['주문.완료', '😀 👩‍👩‍👧‍👦 결제 ₩120,000'],
  ['message', ' begins with a space'],
  ['message', 'data: no field'],
  ['message', ': no comment'],
  ['message', 'ends with a line feed\n'],
  ['a:b/c-d_e', '{"title":"JSON","body":"a\\nb"}'],
  ['message', '큰 이벤트 '.repeat(1500)],
  ...Array.from({ length: 40 }, (_, n) => ['tick', `event ${n}`]),
].map(([type, text]) => ({ type, text }));

/** Publishes `events` one after another. */
export async function publish(server, events) {
  for (const event of events) await server.publish(event);
}

/** Fails unless `printed` is `sent`, each event once, in order, with an id of its own. */
export function assertPrinted(server, printed, sent) {
  assert.deepEqual(
    printed.map(({ event, data }) => ({ type: event, text: server.text(data) })),
    sent,
  );
  const ids = printed.map(({ own_id }) => own_id);
  assert.equal(new Set(ids).size, sent.length, `ids: ${ids.join(' ')}`);
  for (const { id, own_id } of printed) assert.equal(id, own_id);
}
