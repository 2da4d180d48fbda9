import { inspect } from 'node:util';

/** Everything that a careless program prints of a value, in one string; a test looks for secrets in it. */
export function printedForms(value: unknown): string {
  const forms = [
    inspect(value, { depth: null, showHidden: true, getters: true }),
    inspect(value, { depth: null, showHidden: true, customInspect: false }),
    JSON.stringify(value) ?? '',
    String(value),
    value instanceof Error ? `${value.stack}` : '',
  ];
  return forms.join('\n');
}
