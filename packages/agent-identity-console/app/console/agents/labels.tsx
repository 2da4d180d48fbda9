import type { JSX } from 'preact';
import { texts } from '../../texts.js';

/** The labels of an agent. */
export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }): JSX.Element {
  return <Words words={Object.entries(labels).map(([key, value]) => `${key}=${value}`)} />;
}

/** Short names, such as capabilities; a dash for none. */
export function Words({ words }: { readonly words: readonly string[] }): JSX.Element {
  if (words.length === 0) return <span class="quiet">{texts.none}</span>;
  return (
    <ul class="words">
      {words.map((word) => (
        <li key={word} class="mono">
          {word}
        </li>
      ))}
    </ul>
  );
}
