import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import { type AgentIdentityAuth, startAgentIdentityAuth } from 'agent-identity-registry';
import { demoAccount, type LoopbackServers } from './servers/loopback-servers.js';

/** An identity for the person who runs the demo, in files of mode 0600. */
export interface HandedOutIdentity {
  /** Describes how to use the identity. Contains one assertion, valid for five minutes, and no other secret. */
  formatCommands(): string;
  /** Deletes the files. */
  close(): Promise<void>;
}

/** Issues an identity and writes it, with an administrator's token, into a new temporary folder. */
export async function handOutIdentity(servers: LoopbackServers): Promise<HandedOutIdentity> {
  const { authority, authorityUrl, administratorToken } = servers;
  const { jwt } = await authority.issueAgentIdentityJwt({ account: demoAccount });
  // The JWT comes straight from the authority in this process, so it needs no verification.
  const record = recordFromClaims(decodeUnverifiedAgentIdentityJwt(jwt));
  const auth = await startAgentIdentityAuth(record, { authapiBaseUrl: authorityUrl });
  const folder = await mkdtemp(join(tmpdir(), 'agent-identity-demo-'));
  const files = { jwt: join(folder, 'agent.jwt'), token: join(folder, 'administrator.token') };
  await writeFile(files.jwt, `${jwt}\n`, { mode: 0o600 });
  await writeFile(files.token, `${administratorToken}\n`, { mode: 0o600 });
  return {
    formatCommands: () => formatCommands(servers, files, auth),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

function formatCommands(
  { authorityUrl, providerUrl }: LoopbackServers,
  files: { readonly jwt: string; readonly token: string },
  auth: AgentIdentityAuth,
): string {
  const headers = Object.entries(auth.headers()).map(([name, value]) => `  -H '${name}: ${value}' \\\n`);
  return `
Authority  ${authorityUrl}
Provider   ${providerUrl}

An agent identity for you, and an administrator token, in files that are deleted when the demo exits:

  ${files.jwt}
  ${files.token}

Run the agent of the README:

AGENT_IDENTITY_JWT_FILE=${files.jwt} AUTHORITY_URL=${authorityUrl} MODEL_BASE_URL=${providerUrl} node apps/demo/agent.mjs

Send a request with curl, within five minutes (press Enter for a new assertion, Ctrl+C to exit):

curl -N ${providerUrl}/responses \\
${headers.join('')}  -H 'content-type: application/json' -d '{"input": "Hello", "stream": true}'

Then change a character of the assertion, wait until it expires, or remove the account header, and compare the responses.

Run the Codex CLI (0.148 or later) with this identity:

CODEX_HOME=$(mktemp -d) CODEX_ACCESS_TOKEN=$(cat ${files.jwt}) \\
  CODEX_AGENT_IDENTITY_JWKS_BASE_URL=${authorityUrl} CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL=${authorityUrl} \\
  codex exec --skip-git-repo-check -c 'chatgpt_base_url="${authorityUrl}"' -c 'openai_base_url="${providerUrl}"' 'Say hello'

List the agents as an administrator, and revoke one:

curl -H "Authorization: Bearer $(cat ${files.token})" ${authorityUrl}/v1/admin/agents
curl -H "Authorization: Bearer $(cat ${files.token})" -X POST ${authorityUrl}/v1/admin/agents/AGENT_RUNTIME_ID/revoke

The public keys that verify identities: curl ${authorityUrl}/agent-identities/jwks
`;
}
