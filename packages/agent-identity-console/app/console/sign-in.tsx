import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { TextField } from '../parts/text-field.js';
import { texts } from '../texts.js';
import { useAction } from './use-load.js';

/** Asks for the token of an administrator. It is handed on, and not kept here. */
export function SignIn(props: {
  /** Why the user has to sign in again. */
  readonly reason: string | undefined;
  /** Rejects if the authority does not accept the token. */
  readonly onToken: (token: string) => Promise<void>;
}): JSX.Element {
  const [token, setToken] = useState('');
  const { error, isRunning, run } = useAction();
  const { title, purpose, token: label, hint, submit, malformed } = texts.signIn;
  const signIn = async () => {
    // Others cannot be sent in a header.
    if (!/^[\x21-\x7e]+$/.test(token)) throw new Error(malformed);
    await props.onToken(token);
  };
  const problem = error ?? props.reason;
  return (
    <main class="narrow" id="content">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void run(signIn);
        }}
      >
        <h1>{title}</h1>
        <p class="quiet">{purpose}</p>
        <TextField label={label} hint={hint} value={token} onInput={setToken} type="password" isRequired />
        <p role="alert" class={problem === undefined ? '' : 'note bad'}>
          {problem}
        </p>
        <div class="buttons">
          <button type="submit" class="main" disabled={isRunning}>
            {submit}
          </button>
        </div>
      </form>
    </main>
  );
}
