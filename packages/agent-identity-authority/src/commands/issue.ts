import { writeFile } from 'node:fs/promises';
import type { IssueAgentIdentityRequest } from 'agent-identity-authority-core/admin-wire';
import { Command } from 'commander';
import type { CommandIo } from './command-io.js';
import { addSettings, parseWholeNumber } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

interface IssueOptions {
  readonly accountId: string;
  readonly userId: string;
  readonly email?: string;
  readonly planType: string;
  readonly fedramp?: true;
  readonly lifetimeSeconds?: number;
  readonly runtimeTtlSeconds?: number;
  readonly out?: string;
}

/** Creates the command `issue`, which issues a new agent identity as a JWT. */
export function createIssueCommand(io: CommandIo): Command {
  return addSettings(new Command('issue'), 'target')
    .summary('issue an agent identity as a JWT')
    .description(
      'Creates an agent key, registers its public key, and prints the Agent Identity JWT with the private key. The JWT ' +
        'is secret and is not stored: if it is lost, issue another identity.',
    )
    .requiredOption('--account-id <id>', 'the account that owns the agent')
    .requiredOption('--user-id <id>', 'the user that it acts for')
    .option('--email <address>', "the user's address")
    .option('--plan-type <plan>', "the account's plan", 'unknown')
    .option('--fedramp', 'the account is a FedRAMP account')
    .option('--lifetime-seconds <n>', 'the lifetime of the JWT', parseWholeNumber)
    .option('--runtime-ttl-seconds <n>', 'how long the agent may act; forever by default', parseWholeNumber)
    .option('--out <file>', 'write the JWT to a new file that only you can read, instead of the terminal')
    .addHelpText('after', issueHelp)
    .action(async (options: IssueOptions, command: Command) => {
      const { jwt, ...about } = await withAdminClient(command, io, (client) =>
        client.issue(toRequest(options)),
      );
      // Never overwrites: an existing file may be readable by others, or hold another identity.
      if (options.out !== undefined) await writeFile(options.out, `${jwt}\n`, { mode: 0o600, flag: 'wx' });
      const result = options.out === undefined ? { ...about, jwt } : about;
      io.write(`${JSON.stringify(result, null, 2)}\n`);
    });
}

function toRequest(options: IssueOptions): IssueAgentIdentityRequest {
  return {
    account: {
      account_id: options.accountId,
      chatgpt_user_id: options.userId,
      email: options.email,
      plan_type: options.planType,
      is_fedramp: options.fedramp ?? false,
    },
    lifetime_seconds: options.lifetimeSeconds,
    runtime_ttl_seconds: options.runtimeTtlSeconds,
  };
}

const issueHelp = `
Example:
  $ agent-identity-authority issue --url https://authority.example --administrators-token-file admin.token \\
      --account-id account-1 --user-id user-1 --out agent.jwt
  $ CODEX_ACCESS_TOKEN=$(cat agent.jwt) codex login status`;
