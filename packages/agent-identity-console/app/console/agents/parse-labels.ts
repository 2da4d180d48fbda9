import { texts } from '../../texts.js';

/** Reads labels such as `team=search, env=production`; `undefined` for none. */
export function parseLabels(text: string): Record<string, string> | undefined {
  const parts = text.split(/[\n,]/).map((part) => part.trim());
  const labels = parts.filter((part) => part !== '').map(parseLabel);
  return labels.length === 0 ? undefined : Object.fromEntries(labels);
}

function parseLabel(part: string): [key: string, value: string] {
  const separator = part.indexOf('=');
  if (separator < 1) throw new Error(texts.errors.label);
  return [part.slice(0, separator), part.slice(separator + 1)];
}
