import type { AdminSigningKeys } from 'agent-identity-authority-core/admin-wire';
import { Command } from 'commander';
import type { CommandIo } from './command-io.js';
import type { Column } from './format-table.js';
import { formatRelativeTime } from './format-time.js';
import { addJson, printList } from './print-list.js';
import { addSettings, parseWholeNumber } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

/** Creates the command `keys`, which lists, rotates and retires the keys that sign Agent Identity JWTs. */
export function createKeysCommand(io: CommandIo): Command {
  return new Command('keys')
    .summary('list, rotate or retire signing keys')
    .addCommand(createListCommand(io))
    .addCommand(createRotateCommand(io))
    .addCommand(createRetireCommand(io));
}

function createListCommand(io: CommandIo): Command {
  return addJson(addSettings(new Command('list'), 'target'))
    .summary('list signing keys, oldest first')
    .description(
      'Lists all keys that ever signed Agent Identity JWTs, oldest first. One signs; a next one is published already and will ' +
        'sign; a published one verifies JWTs that it signed; a retired one is not in the key set any more.',
    )
    .action(async (_options: object, command: Command) => {
      await printKeys(io, command, await withAdminClient(command, io, (client) => client.listSigningKeys()));
    });
}

interface RotateOptions {
  readonly activateAfterSeconds?: number;
  readonly overlapSeconds?: number;
  readonly compromised?: true;
  readonly json?: true;
}

function createRotateCommand(io: CommandIo): Command {
  return addJson(addSettings(new Command('rotate'), 'target'))
    .summary('create a new signing key, and end the old ones later')
    .description(
      'Creates a new key that signs Agent Identity JWTs. The old keys stay published while JWTs that they signed can be ' +
        'valid, so clients notice nothing. A server also rotates on a schedule; see the settings of rotation.',
    )
    .option(
      '--activate-after-seconds <n>',
      'how long to publish the new key before it signs (default: 0)',
      parseWholeNumber,
    )
    .option('--overlap-seconds <n>', 'how long to publish the old keys after that', parseWholeNumber)
    .option('--compromised', 'the old keys leaked: remove them from the key set immediately')
    .addHelpText('after', rotateHelp)
    .action(async (options: RotateOptions, command: Command) => {
      const { activateAfterSeconds, overlapSeconds } = options;
      const request = options.compromised
        ? { activate_after_seconds: 0, overlap_seconds: 0 }
        : { activate_after_seconds: activateAfterSeconds, overlap_seconds: overlapSeconds };
      const rotated = await withAdminClient(command, io, (client) => client.rotateSigningKey(request));
      const text = `Created the signing key ${rotated.kid}.`;
      await io.write(`${options.json ? JSON.stringify(rotated) : text}\n`);
    });
}

function createRetireCommand(io: CommandIo): Command {
  return addJson(addSettings(new Command('retire'), 'target'))
    .summary('remove an old signing key from the key set')
    .description(
      'Removes an old key from the key set immediately, and lists all keys. JWTs that it signed cannot be loaded any more once ' +
        'cached key sets expire, after 5 minutes. Only a rotation ends the newest key. Repeating it has no effect.',
    )
    .argument('<kid>', 'the id of the key, as keys list prints it')
    .action(async (kid: string, _options: object, command: Command) => {
      const keys = await withAdminClient(command, io, (client) => client.retireSigningKey(kid));
      await printKeys(io, command, keys);
    });
}

type SigningKey = AdminSigningKeys['signing_keys'][number];

function printKeys(io: CommandIo, command: Command, { signing_keys: keys }: AdminSigningKeys): Promise<void> {
  const now = io.clock();
  const columns: readonly Column<SigningKey>[] = [
    { title: 'KID', value: ({ kid }) => kid },
    { title: 'STATUS', value: (key) => statusOf(key, keys, now) },
    { title: 'CREATED', value: (key) => formatRelativeTime(key.created_at, now) },
    { title: 'SIGNS FROM', value: (key) => formatRelativeTime(key.active_from, now) },
    {
      title: 'PUBLISHED UNTIL',
      value: ({ published_until: until }) => (until === null ? '-' : formatRelativeTime(until, now)),
    },
  ];
  return printList(io, command, [keys], { columns, ifEmpty: 'There are no signing keys yet.' });
}

function statusOf(key: SigningKey, keys: readonly SigningKey[], now: number): string {
  if (!key.published) return 'retired';
  if (Date.parse(key.active_from) > now) return 'next';
  const signing = keys.findLast((each) => each.published && Date.parse(each.active_from) <= now);
  return key === signing ? 'signs' : 'published';
}

const rotateHelp = `
Examples:
  A planned rotation: the new key is published for 15 minutes, so every cache has it before it signs.
    $ agent-identity-authority keys rotate --activate-after-seconds 900 --url https://authority.example \\
        --administrators-token-file admin.token

  A leaked key: no JWT issued so far can be loaded once cached key sets expire, after 5 minutes.
    $ agent-identity-authority keys rotate --compromised --url https://authority.example \\
        --administrators-token-file admin.token`;
