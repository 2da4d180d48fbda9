import { providerAuthError } from '../errors.js';
import type { RuntimeAgentInstances } from './runtime-agent-instances.js';

type Environment = 'production' | 'staging';

const environmentOfRegistration: Readonly<Record<string, Environment>> = {
  'https://auth.openai.com': 'production',
  'https://auth.api.openai.org': 'staging',
};

const regionalApi = /^(?:(?:us|eu|au|ca|in|jp|kr|sg|ae|gb|gov)\.)?api\.openai\.com$/;

const openaiDomain = /(?:^|\.)(?:openai\.com|openai\.org|chatgpt\.com|chatgpt-staging\.com)$/;

/**
 * Whether requests to a provider carry assertions of an instance (docs/protocol-instances.md section 4): on the hosts that
 * the caller names, and on the OpenAI hosts of the page. On every other host the policy has no effect.
 *
 * @throws AgentIdentityError `unsupported_instance_host` for an OpenAI host that takes no assertion of this instance:
 * another host of OpenAI, plain `http:`, another port than 443, or another environment than that of the registration
 */
export function carriesAssertions(
  providerBaseUrl: string,
  { hosts, baseUrl }: Pick<RuntimeAgentInstances, 'hosts' | 'baseUrl'>,
): boolean {
  const { protocol, port, hostname } = new URL(providerBaseUrl);
  if (hosts.has(hostname)) return true;
  if (!openaiDomain.test(hostname.replace(/\.+$/, ''))) return false;
  const environment = environmentOf(hostname);
  if (environment === undefined) throw unsupported('an OpenAI host that takes assertions');
  if (protocol !== 'https:' || port !== '') throw unsupported('https on the default port');
  if (environment === environmentOfRegistration[baseUrl]) return true;
  throw unsupported(`a host of the environment that registers the instance; this one is ${environment}`);
}

function environmentOf(host: string): Environment | undefined {
  if (host === 'chatgpt.com' || host.endsWith('.chatgpt.com') || host === 'chat.openai.com') {
    return 'production';
  }
  if (regionalApi.test(host)) return 'production';
  return host === 'api.openai.org' || host === 'chatgpt-staging.com' ? 'staging' : undefined;
}

function unsupported(expected: string): Error {
  return providerAuthError(
    'unsupported_instance_host',
    `runtime agent instances: expected ${expected}; nothing is sent without an assertion. To send assertions to this host, name it in the option hosts`,
  );
}
