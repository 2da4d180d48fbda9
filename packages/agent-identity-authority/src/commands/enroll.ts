import { Command } from 'commander';
import { type AccountOptions, addAccountOptions, toAccountMembers } from './account-options.js';
import type { CommandIo } from './command-io.js';
import { parseDuration } from './format-time.js';
import { makeSecret, openSecretOutput } from './secret-output.js';
import { addSettings, parseWholeNumber } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

interface EnrollOptions extends AccountOptions {
  readonly ttl: number;
  readonly out?: string;
}

/** Creates the command `enroll`, which prints a token that registers one agent. */
export function createEnrollCommand(io: CommandIo): Command {
  return addAccountOptions(addSettings(new Command('enroll'), 'target'))
    .summary('print a token that registers one agent')
    .description(
      'Prints an enrollment token: whoever has it registers one agent, which makes its own key, so no private key travels. The ' +
        'token is secret; the authority keeps its digest.',
    )
    .option(
      '--ttl <duration>',
      'how long the token can be used, such as 90s, 10m, 24h or 7d',
      parseDuration,
      600,
    )
    .option('--out <file>', 'write the token to a new file that only you can read, instead of the terminal')
    .addHelpText('after', enrollHelp)
    .action(async (options: EnrollOptions, command: Command) => {
      const request = { ...toAccountMembers(options), lifetime_seconds: options.ttl };
      const output = await openSecretOutput(options.out, io);
      try {
        await withAdminClient(command, io, (client) =>
          makeSecret(output, 'enrollment token', {
            make: () => client.createEnrollmentToken(request),
            secretMember: 'token',
            idOf: ({ enrollment_token_id: id }) => id,
            revoke: (id) => client.revokeEnrollmentToken(id),
          }),
        );
      } finally {
        await output.discard();
      }
    });
}

/** Creates the command `enrollments`, which lists and revokes enrollment tokens. */
export function createEnrollmentsCommand(io: CommandIo): Command {
  return new Command('enrollments')
    .summary('list or revoke enrollment tokens')
    .addCommand(createListCommand(io))
    .addCommand(createRevokeCommand(io));
}

function createListCommand(io: CommandIo): Command {
  return addSettings(new Command('list'), 'target')
    .summary('list enrollment tokens, newest first')
    .description(
      'Prints enrollment tokens, newest first: whose they are and what became of them, but not the tokens.',
    )
    .option('--limit <n>', 'at most this many', parseWholeNumber)
    .option('--cursor <cursor>', 'the next_cursor of an earlier page')
    .action(async (options: { readonly limit?: number; readonly cursor?: string }, command: Command) => {
      const { limit, cursor } = options;
      await print(
        io,
        await withAdminClient(command, io, (client) => client.listEnrollmentTokens({ limit, cursor })),
      );
    });
}

function createRevokeCommand(io: CommandIo): Command {
  return addSettings(new Command('revoke'), 'target')
    .summary('revoke an enrollment token')
    .description(
      'Revokes an enrollment token, but not the agent that it registered. Repeating it has no effect.',
    )
    .argument('<enrollment_token_id>')
    .action(async (id: string, _options, command: Command) => {
      await print(io, await withAdminClient(command, io, (client) => client.revokeEnrollmentToken(id)));
    });
}

function print(io: CommandIo, result: object): Promise<void> {
  return io.write(`${JSON.stringify(result, null, 2)}\n`);
}

const enrollHelp = `
Example:
  $ agent-identity-authority enroll --url https://authority.example --administrators-token-file admin.token \\
      --account-id account-1 --user-id user-1 --capability repository:read --ttl 10m --out token

On the agent's machine, with the token in a file:
  $ agent-identity enroll --token-file token --authapi-base-url https://authority.example --capability repository:read`;
