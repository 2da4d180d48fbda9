import { setTimeout as sleep } from 'node:timers/promises';
import {
  auditLogQuerySchema,
  type WireAuditEntry,
  type WireAuditLogQuery,
} from 'agent-identity-authority-core/admin-wire';
import { toCursor } from 'agent-identity-authority-core/store';
import { Command, InvalidArgumentError } from 'commander';
import type { AdminClient } from '../admin-client/admin-client.js';
import type { CommandIo } from './command-io.js';
import type { Column } from './format-table.js';
import { parsePastTime } from './format-time.js';
import { addJson, printList, readPages } from './print-list.js';
import { addSettings, parseWholeNumber } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

interface ListOptions {
  readonly agent?: string;
  readonly action?: WireAuditLogQuery['action'];
  readonly actor?: string;
  readonly since?: number;
  readonly newestFirst?: true;
  readonly limit?: number;
  readonly follow?: true;
}

export function createAuditListCommand(io: CommandIo): Command {
  return addJson(addSettings(new Command('list'), 'target'))
    .summary('list entries, or follow the log')
    .description('Lists all entries of the audit log that fit all filters, oldest first.')
    .option('--agent <agent_runtime_id>', 'entries about this agent runtime')
    .option('--action <action>', 'entries with this action, such as agent_runtime_revoked', parseAction)
    .option('--actor <text>', 'entries of actors that begin with this, such as administrator:')
    .option('--since <time>', 'entries from this time on, or of the last 24h, 7d, …', (text) =>
      parsePastTime(text, io.clock()),
    )
    .option('--newest-first', 'the newest entry first')
    .option('--limit <n>', 'at most this many; all by default, 10 with --follow', parseWholeNumber)
    .option('--follow', 'print the last entries, and then every new one until Ctrl-C')
    .addHelpText('after', help)
    .action(async (options: ListOptions, command: Command) => {
      if (options.follow && options.newestFirst) {
        command.error('error: expected --follow or --newest-first, got both');
      }
      await withAdminClient(command, io, async (client) => {
        const entries = options.follow ? followEntries(client, options, io) : listEntries(client, options);
        await printList(io, command, entries, { columns, ifEmpty: 'No entries fit.' });
      });
    });
}

const columns: readonly Column<WireAuditEntry>[] = [
  { title: 'INDEX', value: ({ index }) => String(index) },
  { title: 'TIME', value: ({ at }) => `${at.slice(0, 19)}Z` },
  { title: 'ACTION', value: ({ action }) => action },
  { title: 'ACTOR', value: ({ actor }) => actor, canShrink: true },
  { title: 'SUBJECT', value: ({ agent_runtime_id: agent, task_id: task }) => task ?? agent ?? '-' },
  { title: 'DETAILS', value: ({ details }) => formatDetails(details), canShrink: true },
];

function formatDetails(details: WireAuditEntry['details']): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

type Entries = AsyncGenerator<readonly WireAuditEntry[], void>;

async function* listEntries(client: AdminClient, options: ListOptions): Entries {
  const { since, newestFirst, limit = Number.POSITIVE_INFINITY } = options;
  const order = newestFirst ? 'newest_first' : 'oldest_first';
  const start = since === undefined || newestFirst ? undefined : await findStart(client, since);
  let left = limit;
  // With filters of its own, it cannot know how many entries it has to read.
  const toRead = options.actor === undefined && since === undefined ? limit : undefined;
  for await (const entries of readEntries(client, { ...toQuery(options), order, limit: toRead }, start)) {
    const fitting = entries.filter((entry) => fits(entry, options)).slice(0, left);
    yield fitting;
    left -= fitting.length;
    const oldest = Date.parse(entries.at(-1)?.at ?? '');
    if (left <= 0 || (newestFirst && since !== undefined && oldest < since - slackMs)) return;
  }
}

/** The last entries, and then new ones as they come. */
async function* followEntries(client: AdminClient, options: ListOptions, io: CommandIo): Entries {
  const stopping = new AbortController();
  void io.waitForShutdown().then(() => stopping.abort());
  let [newest] = (await client.listAuditEntries({ order: 'newest_first', limit: 1 })).entries;
  const last: WireAuditEntry[] = [];
  for await (const entries of listEntries(client, { limit: 10, ...options, newestFirst: true })) {
    last.push(...entries.filter(({ index }) => index <= (newest?.index ?? -1)));
  }
  yield last.reverse();
  while (!stopping.signal.aborted) {
    // Without filters, so that each poll starts after the last entry that was seen.
    for await (const entries of readEntries(client, { order: 'oldest_first' }, newest)) {
      yield entries.filter((entry) => fits(entry, options));
      newest = entries.at(-1) ?? newest;
    }
    await sleep(pollMs, undefined, { signal: stopping.signal }).catch(() => {});
  }
}

const pollMs = 1000;
/** Entries are about in the order of their times: nodes have clocks of their own, and a transaction takes a while. */
const slackMs = 60_000;

function readEntries(
  client: AdminClient,
  { limit: total, ...query }: WireAuditLogQuery,
  after: WireAuditEntry | undefined,
): Entries {
  const first = after === undefined ? undefined : toCursor([after.index]);
  return readPages(async ({ cursor = first, limit }) => {
    const { entries: items, next_cursor } = await client.listAuditEntries({ ...query, cursor, limit });
    return { items, next_cursor };
  }, total);
}

/** Finds the last entry before a time by bisection; `undefined` if all are later. */
async function findStart(client: AdminClient, since: number): Promise<WireAuditEntry | undefined> {
  const [newest] = (await client.listAuditEntries({ order: 'newest_first', limit: 1 })).entries;
  let start: WireAuditEntry | undefined;
  let [low, high] = [0, newest?.index ?? 0];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const after = middle === 0 ? {} : { cursor: toCursor([middle - 1]) };
    const [entry] = (await client.listAuditEntries({ order: 'oldest_first', limit: 1, ...after })).entries;
    if (entry !== undefined && Date.parse(entry.at) < since - slackMs) {
      start = entry;
      low = Math.max(middle, entry.index) + 1;
    } else high = middle;
  }
  return start;
}

function toQuery({ agent, action }: ListOptions): WireAuditLogQuery {
  return { agent_runtime_id: agent, action };
}

function fits(entry: WireAuditEntry, { agent, action, actor, since }: ListOptions): boolean {
  return (
    (agent === undefined || entry.agent_runtime_id === agent) &&
    (action === undefined || entry.action === action) &&
    (actor === undefined || entry.actor.startsWith(actor)) &&
    (since === undefined || Date.parse(entry.at) >= since)
  );
}

/** A mistyped action must not look like an empty log. */
function parseAction(text: string): WireAuditLogQuery['action'] {
  const { data, error } = auditLogQuerySchema.safeParse({ action: text });
  if (data === undefined) throw new InvalidArgumentError(error?.issues[0]?.message ?? 'expected an action');
  return data.action;
}

const help = `
The authority looks up entries by agent and action. For --actor, the command reads all entries, and leaves out what does not fit.
--follow on a PGlite folder keeps the folder locked.

Examples:
  $ agent-identity-authority audit list --newest-first --limit 20
  $ agent-identity-authority audit list --actor administrator: --since 24h
  $ agent-identity-authority audit list --follow --json --url https://authority.example \\
      --administrators-token-file admin.token`;
