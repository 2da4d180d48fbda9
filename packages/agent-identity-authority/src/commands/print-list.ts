import { systemErrorCode } from 'agent-identity-core/http';
import { stylesOf } from 'agent-identity-core/terminal';
import type { Command } from 'commander';
import type { CommandIo } from './command-io.js';
import { type Column, createTableFormat } from './format-table.js';

const itemsPerPage = 500;

/** One page of a list. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** Adds the option that prints one JSON object per line. */
export function addJson(command: Command): Command {
  return command.option('--json', 'print JSON, one object per line, also for errors');
}

/** Reads the pages of a list one after the other, up to `limit` items; all by default. */
export async function* readPages<Item>(
  readPage: (page: { cursor?: string | undefined; limit: number }) => Promise<ListPage<Item>>,
  limit: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly Item[], void> {
  let cursor: string | undefined;
  for (let left = limit; left > 0; ) {
    const { items, next_cursor: next } = await readPage({ cursor, limit: Math.min(left, itemsPerPage) });
    yield items;
    if (next === null) return;
    left -= items.length;
    cursor = next;
  }
}

/** Options for `printList`. */
export interface PrintListOptions<Item> {
  readonly columns: readonly Column<Item>[];
  /** The note for people if the list is empty, on standard error. */
  readonly ifEmpty: string;
}

/**
 * Prints a list page by page: as a table, or with `--json` as one JSON object per line. Needs the memory of one page. Ends
 * quietly if nobody reads on, such as `head`.
 */
export async function printList<Item extends object>(
  io: CommandIo,
  command: Command,
  pages: AsyncIterable<readonly Item[]> | Iterable<readonly Item[]>,
  { columns, ifEmpty }: PrintListOptions<Item>,
): Promise<void> {
  const terminalWidth = io.isOutputTerminal ? io.outputColumns : undefined;
  const formatRows = createTableFormat({ columns, terminalWidth, styleTitle: stylesOf(io).title });
  const isJson = command.opts()['json'] === true;
  let isEmpty = true;
  for await (const items of pages) {
    if (items.length === 0) continue;
    isEmpty = false;
    const text = isJson ? items.map((item) => `${JSON.stringify(item)}\n`).join('') : formatRows(items);
    if (!(await write(io, text))) return;
  }
  if (isEmpty && !isJson) io.writeError(`${ifEmpty}\n`);
}

/** @returns whether somebody still reads */
async function write(io: CommandIo, text: string): Promise<boolean> {
  try {
    await io.write(text);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EPIPE') return false;
    throw error;
  }
}
