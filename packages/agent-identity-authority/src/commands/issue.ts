import type { IssueAgentIdentityRequest } from 'agent-identity-authority-core/admin-wire';
import { Command } from 'commander';
import { type AccountOptions, addAccountOptions, toAccountMembers } from './account-options.js';
import type { CommandIo } from './command-io.js';
import { makeSecret, openSecretOutput } from './secret-output.js';
import { addSettings, parseWholeNumber } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

interface IssueOptions extends AccountOptions {
  readonly lifetimeSeconds?: number;
  readonly runtimeTtlSeconds?: number;
  readonly out?: string;
}

/** Creates the command `issue`, which issues a new agent identity as a JWT. */
export function createIssueCommand(io: CommandIo): Command {
  return addAccountOptions(addSettings(new Command('issue'), 'target'))
    .summary('issue an agent identity as a JWT')
    .description(
      'Creates an agent key, registers its public key, and prints the Agent Identity JWT with the private key. The JWT ' +
        'is secret and is not stored: if it is lost, issue another identity.',
    )
    .option('--lifetime-seconds <n>', 'the lifetime of the JWT', parseWholeNumber)
    .option('--runtime-ttl-seconds <n>', 'how long the agent may act; forever by default', parseWholeNumber)
    .option('--out <file>', 'write the JWT to a new file that only you can read, instead of the terminal')
    .addHelpText('after', issueHelp)
    .action(async (options: IssueOptions, command: Command) => {
      const output = await openSecretOutput(options.out, io);
      try {
        await withAdminClient(command, io, (client) =>
          makeSecret(output, 'identity', {
            make: () => client.issue(toRequest(options)),
            secretMember: 'jwt',
            idOf: ({ agent_runtime_id: id }) => id,
            revoke: (id) => client.changeAgentRuntime(id, 'revoke'),
          }),
        );
      } finally {
        await output.discard();
      }
    });
}

function toRequest(options: IssueOptions): IssueAgentIdentityRequest {
  return {
    ...toAccountMembers(options),
    lifetime_seconds: options.lifetimeSeconds,
    runtime_ttl_seconds: options.runtimeTtlSeconds,
  };
}

const issueHelp = `
Example:
  $ agent-identity-authority issue --url https://authority.example --administrators-token-file admin.token \\
      --account-id account-1 --user-id user-1 --out agent.jwt
  $ export CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL=https://authority.example
  $ export CODEX_AGENT_IDENTITY_JWKS_BASE_URL=https://authority.example
  $ CODEX_ACCESS_TOKEN=$(cat agent.jwt) codex login status

Clients before 0.148 also need chatgpt_base_url in their configuration, equal to the second URL.`;
