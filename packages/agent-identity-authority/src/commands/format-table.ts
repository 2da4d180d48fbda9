import { printable } from 'agent-identity-core/terminal';

/** A column of a table. */
export interface Column<Item> {
  readonly title: string;
  readonly value: (item: Item) => string;
  /** Whether the values may be cut to fit the terminal. Ids may not, because people copy them. */
  readonly canShrink?: true;
}

/** Options for `createTableFormat`. */
export interface TableFormatOptions<Item> {
  readonly columns: readonly Column<Item>[];
  /** The width of the terminal; `undefined` cuts nothing. */
  readonly terminalWidth: number | undefined;
  readonly styleTitle: (text: string) => string;
}

const gap = '  ';
const minWidth = 8;

/** Returns a function that formats the next rows of a table. Columns never become narrower, and the first call adds titles. */
export function createTableFormat<Item>({
  columns,
  terminalWidth,
  styleTitle,
}: TableFormatOptions<Item>): (items: readonly Item[]) => string {
  let widths: readonly number[] | undefined;
  return (items) => {
    const rows = items.map((item) => columns.map(({ value }) => printable(value(item))));
    const isFirst = widths === undefined;
    const needed = columns.map(({ title }, i) =>
      Math.max(widths?.[i] ?? lengthOf(title), ...rows.map((row) => lengthOf(row[i] ?? ''))),
    );
    const fitted = terminalWidth === undefined ? needed : shrinkToWidth(needed, columns, terminalWidth);
    widths = fitted;
    const format = (cells: readonly string[]) =>
      cells
        .map((cell, i) => pad(cell, fitted[i] ?? 0))
        .join(gap)
        .trimEnd();
    const titles = isFirst ? [styleTitle(format(columns.map(({ title }) => title)))] : [];
    return [...titles, ...rows.map(format)].map((line) => `${line}\n`).join('');
  };
}

/** Takes from the widest column that may shrink until the line fits, or no column can shrink any more. */
function shrinkToWidth(
  needed: readonly number[],
  columns: readonly Column<never>[],
  terminalWidth: number,
): number[] {
  const widths = [...needed];
  const available = terminalWidth - gap.length * (columns.length - 1);
  const excess = () => widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess() > 0) {
    const shrinkable = widths.map((width, i) => (columns[i]?.canShrink && width > minWidth ? width : 0));
    const widest = Math.max(...shrinkable);
    if (widest === 0) return widths;
    widths[shrinkable.indexOf(widest)] = widest - 1;
  }
  return widths;
}

function pad(cell: string, width: number): string {
  const characters = [...cell];
  if (characters.length > width) return `${characters.slice(0, width - 1).join('')}…`;
  return cell + ' '.repeat(width - characters.length);
}

const lengthOf = (text: string) => [...text].length;
