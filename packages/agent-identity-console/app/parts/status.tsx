import type { JSX } from 'preact';

const tones: Readonly<Record<string, string>> = {
  active: 'good',
  live: 'good',
  unused: 'good',
  published: 'good',
  suspended: 'warn',
  revoked: 'bad',
};

/** A status as a colored word. */
export function Status({ status }: { readonly status: string }): JSX.Element {
  return <span class={`status ${tones[status] ?? ''}`}>{status}</span>;
}
