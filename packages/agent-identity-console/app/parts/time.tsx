import type { JSX } from 'preact';
import { texts } from '../texts.js';

/** A moment, in UTC to the second; a dash for none. */
export function Time({ at }: { readonly at: string | null }): JSX.Element {
  if (at === null) return <span class="quiet">{texts.none}</span>;
  return (
    <time dateTime={at} class="time">
      {at.slice(0, 19).replace('T', ' ')}
      <span class="quiet"> UTC</span>
    </time>
  );
}
