import { Command } from 'commander';
import type { CommandIo } from './command-io.js';
import { addSettings, parseWholeNumber } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

interface RotateOptions {
  readonly activateAfterSeconds?: number;
  readonly overlapSeconds?: number;
  readonly compromised?: true;
}

/** Creates the command `rotate`, which creates a new signing key. */
export function createRotateCommand(io: CommandIo): Command {
  return addSettings(new Command('rotate'), 'target')
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
      await io.write(`${JSON.stringify(rotated)}\n`);
    });
}

const rotateHelp = `
Examples:
  A planned rotation: the new key is published for 15 minutes, so every cache has it before it signs.
    $ agent-identity-authority rotate --activate-after-seconds 900 --url https://authority.example \\
        --administrators-token-file admin.token

  A leaked key: no JWT issued so far can be loaded once cached key sets expire, after 5 minutes.
    $ agent-identity-authority rotate --compromised --url https://authority.example \\
        --administrators-token-file admin.token`;
