import { open, rm } from 'node:fs/promises';
import type {
  IssueAgentIdentityRequest,
  IssueAgentIdentityResponse,
} from 'agent-identity-authority-core/admin-wire';
import { Command } from 'commander';
import type { AdminClient } from '../admin-client/admin-client.js';
import { programError } from '../errors.js';
import { type AccountOptions, addAccountOptions, toAccountMembers } from './account-options.js';
import type { CommandIo } from './command-io.js';
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
      const output = options.out === undefined ? standardOutput(io) : await openOutputFile(options.out, io);
      await withAdminClient(command, io, (client) => issueTo(output, client, toRequest(options))).catch(
        async (error: unknown) => {
          await output.discard();
          throw error;
        },
      );
    });
}

/** Where a new identity goes. Opened before it is registered, because most failures show then. */
interface Output {
  write(issued: IssueAgentIdentityResponse): Promise<void>;
  /** Removes what was created, unless the identity was written. */
  discard(): Promise<void>;
}

function standardOutput(io: CommandIo): Output {
  return { write: (issued) => io.write(formatJson(issued)), discard: async () => {} };
}

/** Never overwrites: an existing file may be readable by others, or hold another identity. */
async function openOutputFile(path: string, io: CommandIo): Promise<Output> {
  const file = await open(path, 'wx', 0o600);
  let isWritten = false;
  return {
    async write({ jwt, ...about }) {
      await file.writeFile(`${jwt}\n`);
      await file.sync();
      await file.close();
      await io.write(formatJson(about));
      isWritten = true;
    },
    async discard() {
      if (isWritten) return;
      await file.close();
      await rm(path, { force: true });
    },
  };
}

/** Issues an identity. If it cannot be written, nobody has its JWT, so it revokes the runtime. */
async function issueTo(
  output: Output,
  client: AdminClient,
  request: IssueAgentIdentityRequest,
): Promise<void> {
  const issued = await client.issue(request);
  try {
    await output.write(issued);
  } catch (cause) {
    const id = issued.agent_runtime_id;
    const outcome = await client.revokeAgentRuntime(id).then(
      () => `${id} was revoked`,
      () => `revoke ${id}, which is still active`,
    );
    const reason = cause instanceof Error ? cause.message : 'unknown reason';
    throw programError('output_failed', `the identity could not be written (${reason}): ${outcome}`, {
      cause,
    });
  }
}

function formatJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
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
