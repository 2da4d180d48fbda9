import type { AdminAgent, AdminTaskPage } from 'agent-identity-authority-core/admin-wire';
import { printable } from 'agent-identity-core/terminal';
import { Command, Option } from 'commander';
import { type AgentFilters, addAgentFilters, toFilterMembers } from './agent-filters.js';
import type { CommandIo } from './command-io.js';
import type { Column } from './format-table.js';
import { formatRelativeTime } from './format-time.js';
import { addJson, printList, readPages } from './print-list.js';
import { addSettings, parseWholeNumber } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

interface ListOptions extends AgentFilters {
  readonly status?: AdminAgent['status'];
  readonly limit?: number;
}

/** Creates the command `list`, which lists agent runtimes. */
export function createListCommand(io: CommandIo): Command {
  return addAgentFilters(addJson(addSettings(new Command('list'), 'target')), io)
    .summary('list agent runtimes')
    .description('Lists all agent runtimes that fit all filters, newest first.')
    .addOption(
      new Option('--status <status>', 'only these').choices(['active', 'suspended', 'expired', 'revoked']),
    )
    .option('--limit <n>', 'at most this many; all by default', parseWholeNumber)
    .addHelpText('after', listHelp)
    .action(async ({ status, limit, ...filters }: ListOptions, command: Command) => {
      const { labels = {}, ...members } = toFilterMembers(filters);
      const [first, ...others] = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      if (others.length > 0) command.error('error: list takes one --label');
      await withAdminClient(command, io, async (client) => {
        const pages = readPages(async (page) => {
          const query = { ...members, label: first, status, ...page };
          const { agents: items, next_cursor } = await client.listAgents(query);
          return { items, next_cursor };
        }, limit);
        await printList(io, command, pages, { columns: agentColumns(io.clock()), ifEmpty: 'No agents fit.' });
      });
    });
}

function agentColumns(now: number): readonly Column<AdminAgent>[] {
  return [
    { title: 'AGENT RUNTIME', value: ({ agent_runtime_id: id }) => id },
    { title: 'NAME', value: ({ name }) => name ?? '-', canShrink: true },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'ACCOUNT', value: ({ account_id: id }) => id, canShrink: true },
    { title: 'USER', value: ({ chatgpt_user_id: id }) => id, canShrink: true },
    { title: 'LABELS', value: ({ labels }) => formatLabels(labels) || '-', canShrink: true },
    { title: 'CREATED', value: ({ created_at: at }) => formatRelativeTime(at, now) },
  ];
}

function formatLabels(labels: AdminAgent['labels']): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

/** Creates the command `show`, which shows an agent runtime. */
export function createShowCommand(io: CommandIo): Command {
  return addJson(addSettings(new Command('show'), 'target'))
    .summary('show an agent runtime')
    .description('Shows everything that is known about an agent runtime.')
    .argument('<agent_runtime_id>')
    .action(async (id: string, options: { readonly json?: true }, command: Command) => {
      const agent = await withAdminClient(command, io, (client) => client.showAgent(id));
      await io.write(options.json ? `${JSON.stringify(agent)}\n` : formatAgent(agent, io.clock()));
    });
}

function formatAgent(agent: AdminAgent, now: number): string {
  const lines = Object.entries(agent).map(([name, value]) => {
    const text =
      name.endsWith('_at') && typeof value === 'string'
        ? `${value} (${formatRelativeTime(value, now)})`
        : formatMember(value);
    return `${name.replaceAll('_', ' ').padEnd(18)} ${printable(text)}\n`;
  });
  return lines.join('');
}

function formatMember(value: unknown): string {
  if (value === null) return '-';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.join(' ') || '-';
  return formatLabels(value as AdminAgent['labels']) || '-';
}

/** Creates the command `tasks`, which lists the tasks of an agent runtime. */
export function createTasksCommand(io: CommandIo): Command {
  return addJson(addSettings(new Command('tasks'), 'target'))
    .summary('list the tasks of an agent runtime')
    .description('Lists the tasks of an agent runtime, newest first. To end one: revoke ID --task TASK.')
    .argument('<agent_runtime_id>')
    .option('--limit <n>', 'at most this many; all by default', parseWholeNumber)
    .action(async (id: string, { limit }: { readonly limit?: number }, command: Command) => {
      await withAdminClient(command, io, async (client) => {
        await client.showAgent(id);
        const pages = readPages(async (page) => {
          const { tasks: items, next_cursor } = await client.listTasks(id, page);
          return { items, next_cursor };
        }, limit);
        await printList(io, command, pages, {
          columns: taskColumns(io.clock()),
          ifEmpty: 'It has no tasks.',
        });
      });
    });
}

function taskColumns(now: number): readonly Column<AdminTaskPage['tasks'][number]>[] {
  return [
    { title: 'TASK', value: ({ task_id: id }) => id },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'CREATED', value: ({ created_at: at }) => formatRelativeTime(at, now) },
    { title: 'LAST SEEN', value: ({ last_seen_at: at }) => formatRelativeTime(at, now) },
  ];
}

const listHelp = `
Examples:
  $ agent-identity-authority list --status active --limit 20
  $ agent-identity-authority list --label team=search --json --url https://authority.example \\
      --administrators-token-file admin.token`;
