import { styleText } from 'node:util';
import type { CommandIo } from './command-io.js';

type Style = (text: string) => string;

/** The styles of standard output. */
export interface Styles {
  readonly title: Style;
  readonly note: Style;
  readonly good: Style;
  readonly bad: Style;
}

/** Styles for terminals. Plain text otherwise, and if `NO_COLOR` is set (https://no-color.org). */
export function stylesOf({ isOutputTerminal, environment }: CommandIo): Styles {
  const isColored = isOutputTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const style =
    (format: Parameters<typeof styleText>[0]): Style =>
    (text) =>
      isColored ? styleText(format, text) : text;
  return { title: style('bold'), note: style('dim'), good: style('green'), bad: style('red') };
}
