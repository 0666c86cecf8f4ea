// The form that publishes an event.
import { useEffect, useRef, useState } from 'react';
import { LEVELS, publish, type NewEvent } from './api.ts';

type State = { readonly sending: boolean; readonly error?: string };

export function PublishForm({ server }: { server: string }) {
  const [state, setState] = useState<State>({ sending: false });
  const request = useRef<AbortController>(undefined);
  useEffect(() => () => request.current?.abort(), []);

  async function send(form: HTMLFormElement) {
    const { signal } = (request.current = new AbortController());
    setState({ sending: true });
    try {
      await publish(server, read(form), signal);
      setState({ sending: false });
      // What is about the next event in all likelihood stays: its type and level.
      for (const name of ['title', 'body', 'url']) field(form, name).value = '';
      field(form, 'title').focus();
    } catch (error) {
      if (!signal.aborted) setState({ sending: false, error: error instanceof Error ? error.message : String(error) });
    }
  }

  return (
    <form
      aria-labelledby="publish"
      onSubmit={(submit) => {
        submit.preventDefault();
        if (!state.sending) void send(submit.currentTarget);
      }}
    >
      <h2 id="publish">Publish</h2>
      <label>
        Title
        <input name="title" required maxLength={200} autoComplete="off" />
      </label>
      <label>
        Body
        <textarea name="body" rows={3} maxLength={10_000} />
      </label>
      <label>
        Type
        <input name="type" placeholder="message" maxLength={100} autoComplete="off" />
      </label>
      <label>
        Level
        <select name="level" defaultValue="">
          <option value="">not said</option>
          {LEVELS.map((level) => (
            <option key={level}>{level}</option>
          ))}
        </select>
      </label>
      <label>
        Link
        <input name="url" type="url" placeholder="https://" maxLength={2000} autoComplete="off" />
      </label>
      {state.error !== undefined && (
        <p role="alert" className="notice">
          Not published. {state.error}
        </p>
      )}
      <button aria-disabled={state.sending}>{state.sending ? 'Publishing…' : 'Publish'}</button>
    </form>
  );
}

function field(form: HTMLFormElement, name: string) {
  return form.elements.namedItem(name) as HTMLInputElement;
}

/** What was filled in; the server says what is wrong with it. */
function read(form: HTMLFormElement): NewEvent {
  const filled = [...new FormData(form)].filter(([, value]) => value !== '');
  return Object.fromEntries(filled) as unknown as NewEvent;
}
