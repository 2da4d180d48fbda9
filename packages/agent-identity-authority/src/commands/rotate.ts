import { Command } from 'commander';
import type { CommandIo } from './command-io.js';
import { wholeNumber } from './read-argument.js';
import { addSettings } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

interface RotateOptions {
  readonly activateAfterSeconds?: number;
  readonly overlapSeconds?: number;
  readonly compromised?: true;
}

/** `rotate`: a new signing key. */
export function rotateCommand(io: CommandIo): Command {
  return addSettings(new Command('rotate'), 'where')
    .summary('make a new signing key and let the old ones fade out')
    .description(
      'Makes a new key that signs Agent Identity JWTs. The old ones stay published as long as what they signed can be ' +
        'valid, so that nobody notices. A server also rotates by itself; see rotation in its settings.',
    )
    .option(
      '--activate-after-seconds <n>',
      'publish the new key for so long before it signs (default: 0)',
      wholeNumber,
    )
    .option('--overlap-seconds <n>', 'publish the old ones for so long after that', wholeNumber)
    .option('--compromised', 'the old keys are known to others: take them out of the key set at once')
    .addHelpText('after', rotateHelp)
    .action(async (options: RotateOptions, command: Command) => {
      const { activateAfterSeconds, overlapSeconds } = options;
      const request = options.compromised
        ? { activate_after_seconds: 0, overlap_seconds: 0 }
        : { activate_after_seconds: activateAfterSeconds, overlap_seconds: overlapSeconds };
      const rotated = await withAdminClient(command, io, (control) => control.rotateSigningKey(request));
      io.write(`${JSON.stringify(rotated)}\n`);
    });
}

const rotateHelp = `
Examples:
  Before it is urgent: published for 15 minutes, so that every cache has it, and only then used.
    $ agent-identity-authority rotate --activate-after-seconds 900 --url https://authority.example \\
        --administrators-token-file admin.token

  A key leaked: every JWT issued so far stops loading once caches of the key set run out, after 5 minutes.
    $ agent-identity-authority rotate --compromised --url https://authority.example \\
        --administrators-token-file admin.token`;
