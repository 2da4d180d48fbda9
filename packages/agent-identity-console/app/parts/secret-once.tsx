import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.js';

/** Shows a new secret, which cannot be shown again, with a button that copies it. */
export function SecretOnce({
  secret,
  label,
}: {
  readonly secret: string;
  readonly label: string;
}): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const { copy, copied } = texts.secret;
  return (
    <div class="stack">
      <p class="note">
        <output class="mono" aria-label={label}>
          {secret}
        </output>
      </p>
      <div class="buttons">
        <button
          type="button"
          class="main"
          onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}
        >
          {copy}
        </button>
        <span role="status">{isCopied ? copied : ''}</span>
      </div>
    </div>
  );
}
