import { writeFile } from 'node:fs/promises';
import type { IssueAgentIdentityRequest } from 'agent-identity-authority-core/admin-wire';
import { Command } from 'commander';
import type { CommandIo } from './command-io.js';
import { wholeNumber } from './read-argument.js';
import { addSettings } from './setting-options.js';
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

/** `issue`: a new agent identity, as a JWT. */
export function issueCommand(io: CommandIo): Command {
  return addSettings(new Command('issue'), 'where')
    .summary('issue an agent identity as a JWT')
    .description(
      'Makes an agent key, registers its public half, and gives the Agent Identity JWT that carries the private half. ' +
        'The JWT is a secret and exists nowhere else: whoever loses it asks for another identity.',
    )
    .requiredOption('--account-id <id>', 'the account that owns the agent')
    .requiredOption('--user-id <id>', 'the user whom it acts for')
    .option('--email <address>', 'the address of the user')
    .option('--plan-type <plan>', 'the plan of the account', 'unknown')
    .option('--fedramp', 'whether the account is a FedRAMP one')
    .option('--lifetime-seconds <n>', 'how long the JWT can be loaded', wholeNumber)
    .option('--runtime-ttl-seconds <n>', 'how long the agent may act; without end by default', wholeNumber)
    .option(
      '--out <file>',
      'write the JWT to a new file that only its owner can read, and not to the terminal',
    )
    .addHelpText('after', issueHelp)
    .action(async (options: IssueOptions, command: Command) => {
      const { jwt, ...about } = await withAdminClient(command, io, (control) =>
        control.issue(requestOf(options)),
      );
      // An existing file may be open to others, or be another identity.
      if (options.out !== undefined) await writeFile(options.out, `${jwt}\n`, { mode: 0o600, flag: 'wx' });
      const shown = options.out === undefined ? { ...about, jwt } : about;
      io.write(`${JSON.stringify(shown, null, 2)}\n`);
    });
}

function requestOf(options: IssueOptions): IssueAgentIdentityRequest {
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
