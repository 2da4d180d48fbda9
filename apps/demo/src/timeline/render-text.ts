import { styleText } from 'node:util';
import type { TimelineEntry, TimelineListener } from './timeline.js';

/** Where text goes, and whether it may be coloured. */
export interface TextOutput {
  write(text: string): void;
  readonly isColoured: boolean;
}

/** Tells the timeline to people. */
export function textTimeline({ write, isColoured }: TextOutput): TimelineListener {
  let currentChapter = '';
  let number = 0;
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    isColoured ? styleText(format, text) : text;

  return (entry) => {
    if (entry.chapter !== currentChapter) {
      currentChapter = entry.chapter;
      write(`\n${style('bold', currentChapter)}\n`);
    }
    number += 1;
    const mark = entry.asTold ? style('green', '✓') : style('red', '✗ NOT AS TOLD:');
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
