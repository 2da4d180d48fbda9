import { printable } from 'agent-identity-core/terminal';
import { Command } from 'commander';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { codexHomeOption } from '../session/identity-options.js';

interface StatusOptions {
  readonly codexHome?: string;
}

/** Creates the command `status`, which reads the login and sends nothing. */
export function createStatusCommand(io: CommandIo): Command {
  return new Command('status')
    .description(
      'Shows which credentials are in force and where they come from, as the Codex client would find them (docs/protocol.md section 9). ' +
        'Sends and writes nothing, and verifies nothing.',
    )
    .addOption(codexHomeOption())
    .action(async (options: StatusOptions, command: Command) => {
      await printResult(io, command, await describeStatus(options, io));
    });
}

async function describeStatus({ codexHome }: StatusOptions, io: CommandIo): Promise<CommandResult> {
  const { openCodexLogin } = await import('chatgpt-auth/node');
  const { environment: env, fetch, clock } = io;
  const { auth, origin, store, settings, runtimeAgentInstances } = await openCodexLogin(
    { env, codexHome },
    { fetch, clock },
  );
  const { credentials } = auth;
  const { kind } = credentials;
  const status = {
    credential: kind,
    origin: kind === 'none' ? null : origin,
    location: origin === 'environment' ? variableOf(kind) : (store.location ?? settings.credentialsStore),
    ...(await describeIdentity(credentials)),
    agent_identity_opt_in: settings.policy === 'chatgpt-auth',
    runtime_agent_instances: runtimeAgentInstances.enabled ? runtimeAgentInstances.mode : 'off',
  };
  const lines = Object.entries(status).map(
    ([name, value]) => `${name.replaceAll('_', ' ').padEnd(24)}${printable(String(value ?? 'none'))}`,
  );
  return { json: status, text: lines.join('\n') };
}

function variableOf(kind: string): string {
  return kind === 'apiKey' ? 'CODEX_API_KEY' : 'CODEX_ACCESS_TOKEN';
}

type Credentials = Awaited<
  ReturnType<typeof import('chatgpt-auth/node').openCodexLogin>
>['auth']['credentials'];

/** Whose credentials they are; nothing that is secret. */
async function describeIdentity(credentials: Credentials): Promise<object> {
  switch (credentials.kind) {
    case 'chatgpt':
    case 'externalChatgpt': {
      const { accountId, planType } = credentials.claims;
      const record = credentials.storedRecord();
      return {
        account_id: accountId ?? null,
        plan_type: planType,
        agent_runtime_id: record?.agent_runtime_id ?? null,
        ended: credentials.terminalReason ?? null,
      };
    }
    case 'agentIdentityRecord': {
      const { agent_runtime_id, account_id, plan_type, task_id } = credentials.record();
      const ended = credentials.terminalReason ?? null;
      return { agent_runtime_id, account_id, plan_type, task_id: task_id ?? null, ended };
    }
    case 'agentIdentityJwt': {
      const { decodeUnverifiedAgentIdentityJwt } = await import('agent-identity-jwt');
      const { agent_runtime_id, account_id, plan_type, exp } = decodeUnverifiedAgentIdentityJwt(
        credentials.jwt(),
      );
      const ended = credentials.terminalReason ?? null;
      return { agent_runtime_id, account_id, plan_type, expires_at: toInstant(exp), ended };
    }
    case 'other':
      return { mode: credentials.mode };
    default:
      return {};
  }
}

function toInstant(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
