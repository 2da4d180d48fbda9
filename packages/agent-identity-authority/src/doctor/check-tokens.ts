import {
  readBoundedText,
  requireSecureUrl,
  systemErrorCode,
  withDeadline,
  withoutTrailingSlashes,
} from 'agent-identity-core/http';
import * as z from 'zod';
import type { CommandIo } from '../commands/command-io.js';
import type { Configuration } from '../configuration/configuration.js';
import { listAdministrators } from '../configuration/open-administrators.js';
import { openAuthenticators } from '../configuration/open-authenticators.js';
import { openForwardAuth } from '../configuration/open-forward-auth.js';
import { readToml } from '../configuration/read-configuration.js';
import { requireAdministratorsForConsole } from '../server/console-route.js';
import { requireLoopbackForDevTokens } from '../server/start-authority-server.js';
import { describeAdministrator } from './describe-administrator.js';
import { type Finding, failed, found, passed } from './finding.js';

/** Reads all tokens and rules as a server would, and fetches the keys of the OpenID providers unless it is offline. */
export async function* checkTokens(
  configuration: Configuration,
  { fetch, clock }: CommandIo,
  network: 'online' | 'offline',
): AsyncGenerator<Finding, void> {
  try {
    const { authenticator, administrators, verifiers } = await openAuthenticators(configuration, {
      fetch,
      clock,
    });
    requireLoopbackForDevTokens(authenticator, configuration.host);
    requireAdministratorsForConsole(configuration, { administrators });
    await openForwardAuth(configuration.forwardAuth);
    const missing = Object.entries({ administrators, verifiers }).flatMap(([name, given]) =>
      given === undefined ? [name] : [],
    );
    const note =
      missing.length === 0
        ? ''
        : `; there are none for ${missing.join(' and ')}, so their routes do not exist`;
    yield passed('tokens', `all tokens and rules are valid${note}`);
    const configured = await listAdministrators(configuration.administrators);
    if (configured.length > 0) {
      const limit =
        configuration.administrators.accountIdsClaim === undefined ? '' : '; for accounts of a claim';
      const list = configured.map(describeAdministrator).join('; ');
      yield passed('administrators', `${list}${limit}`);
    }
  } catch (error) {
    yield failed('tokens', error);
    return;
  }
  if (network === 'offline') return;
  for (const provider of await listProviders(configuration)) yield await checkProvider(provider, fetch);
}

interface Provider {
  readonly issuer: string;
  readonly jwksUrl?: string | undefined;
}

const ruleSchema = z.object({
  issuer: z.string(),
  jwksUrl: z.string().optional(),
  jwksFile: z.string().optional(),
});

/** The providers of the settings and of the rules, each once. */
async function listProviders({ agents, administrators, verifiers }: Configuration): Promise<Provider[]> {
  const { rules = [] } = agents.federationFile === undefined ? {} : await readToml(agents.federationFile);
  const inRules = z
    .array(ruleSchema)
    .parse(rules)
    .filter(({ jwksFile }) => jwksFile === undefined);
  const inSettings = [agents, administrators, verifiers].flatMap(({ issuer, jwksUrl }) =>
    issuer === undefined ? [] : [{ issuer, jwksUrl }],
  );
  const all = [...inSettings, ...inRules];
  return [...new Map(all.map(({ issuer, jwksUrl }) => [jwksUrl ?? issuer, { issuer, jwksUrl }])).values()];
}

async function checkProvider(
  { issuer, jwksUrl }: Provider,
  fetch: typeof globalThis.fetch,
): Promise<Finding> {
  try {
    const keys = await readKeys(jwksUrl ?? (await discoverKeysUrl(issuer, fetch)), fetch);
    return passed('issuer', `${issuer} publishes ${keys} keys`);
  } catch (error) {
    const isUnexpected = error instanceof z.ZodError || error instanceof SyntaxError;
    const reason = isUnexpected
      ? 'an unexpected answer'
      : (systemErrorCode(error) ?? failed('issuer', error).message);
    return found('problem', 'issuer', {
      code: 'keys_unreachable',
      message: `the keys of ${issuer}: ${reason}`,
    });
  }
}

async function discoverKeysUrl(issuer: string, fetch: typeof globalThis.fetch): Promise<string> {
  const document = await fetchJson(
    `${withoutTrailingSlashes(issuer)}/.well-known/openid-configuration`,
    fetch,
  );
  return z.object({ jwks_uri: z.string() }).parse(document).jwks_uri;
}

async function readKeys(url: string, fetch: typeof globalThis.fetch): Promise<number> {
  return z.object({ keys: z.array(z.object({})) }).parse(await fetchJson(url, fetch)).keys.length;
}

function fetchJson(url: string, fetch: typeof globalThis.fetch): Promise<unknown> {
  return withDeadline({ timeoutSeconds: 10 }, async (signal) => {
    const response = await fetch(requireSecureUrl(url, 'the URL of the keys'), {
      redirect: 'manual',
      signal,
    });
    const text = await readBoundedText(response, 262_144);
    if (response.status !== 200) throw new Error(`expected status 200, got ${response.status}`);
    return JSON.parse(text);
  });
}
