import { styleText } from 'node:util';
import type { TimelineEntry, TimelineListener } from './timeline.js';

/** The destination of the text, and whether it may have colors. */
export interface TextOutput {
  write(text: string): void;
  readonly isColored: boolean;
}

/** Writes the timeline as text. */
export function textTimeline({ write, isColored }: TextOutput): TimelineListener {
  let currentSection = '';
  let number = 0;
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    isColored ? styleText(format, text) : text;

  return (entry) => {
    if (entry.section !== currentSection) {
      currentSection = entry.section;
      write(`\n${style('bold', currentSection)}\n`);
    }
    number += 1;
    const mark = entry.passed ? style('green', '✓') : style('red', '✗ FAILED');
    const duration = style('dim', `${entry.milliseconds.toFixed(1)} ms`);
    write(`  ${mark} ${number}. ${entry.title}  ${duration}\n`);
    for (const [label, text] of linesOf(entry)) write(`       ${style('dim', label)} ${text}\n`);
  };
}

function linesOf({ sent, received }: TimelineEntry): (readonly [string, string])[] {
  return [
    ...sent.split('\n').map((line, i) => [i === 0 ? 'sent    ' : '        ', line] as const),
    ...received.split('\n').map((line, i) => [i === 0 ? 'received' : '        ', line] as const),
  ].filter(([, line]) => line !== '');
}
