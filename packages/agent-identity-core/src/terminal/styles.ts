/** Adds a style to a text, or returns it as it is. */
export type TextStyle = (text: string) => string;

/** The styles of standard output. */
export interface Styles {
  readonly title: TextStyle;
  readonly note: TextStyle;
  readonly good: TextStyle;
  readonly bad: TextStyle;
}

/** What decides whether output is colored. */
export interface StylesOfOptions {
  readonly isOutputTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Returns styles for terminals (ECMA-48 SGR). Plain text otherwise, and if `NO_COLOR` is set (https://no-color.org).
 *
 * @example
 * ```ts
 * import { stylesOf } from 'agent-identity-core/terminal';
 *
 * stylesOf({ isOutputTerminal: false, environment: {} }).bad('problem'); // 'problem'
 * ```
 */
export function stylesOf({ isOutputTerminal, environment }: StylesOfOptions): Styles {
  const isColored = isOutputTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const style =
    (on: number, off: number): TextStyle =>
    (text) =>
      isColored ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { title: style(1, 22), note: style(2, 22), good: style(32, 39), bad: style(31, 39) };
}
