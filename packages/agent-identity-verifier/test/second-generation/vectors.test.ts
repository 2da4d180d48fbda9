import { readFileSync } from 'node:fs';
import { readSshPublicKey } from 'agent-identity-core';
import { instanceRegistrationResponseSchema } from 'agent-identity-core/wire';
import { createAssertionVerifier, memoryDirectory } from 'agent-identity-verifier';
import { fromDirectoryActor } from 'agent-identity-verifier/directory-wire';
import { describe, expect, it } from 'vitest';

interface Vectors {
  readonly runs: readonly {
    readonly scenario: string;
    readonly registrations: readonly {
      readonly body: string;
      readonly response_status: number;
      readonly response_body: string;
    }[];
    readonly assertions: readonly {
      readonly url: string;
      readonly header: string;
      readonly header_value: string;
      readonly received_at: number;
      readonly claims: { readonly id: string };
      readonly other_auth_headers: Readonly<Record<string, string>>;
    }[];
  }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../../../tests/vectors/runtime-agent-instances.json', import.meta.url), 'utf8'),
);

/** A directory with the instances that were registered in a run, and who registered them. */
function directoryOf({ registrations }: Vectors['runs'][number]) {
  const directory = memoryDirectory();
  const registered = registrations
    .filter(({ response_status: status }) => status === 200)
    .map(({ body, response_body: response }) => {
      const request = JSON.parse(body);
      const instance = instanceRegistrationResponseSchema.parse(JSON.parse(response));
      const actor = fromDirectoryActor(instance.actor);
      directory.putRuntimeAgentInstance({
        runtimeAgentInstanceId: instance.runtime_agent_instance_id,
        agentHostId: instance.agent_host_id,
        publicKey: readSshPublicKey(request.public_key),
        actor,
      });
      return { credential: request.actor_auth.credential as string, actor };
    });
  return { directory, registered };
}

describe.each(vectors.runs)('the requests of the published client in the run $scenario', (run) => {
  it('are accepted with strict single use, and their bearer tokens are the registered credentials', async () => {
    const { directory, registered } = directoryOf(run);
    let seconds = 0;
    const verifier = createAssertionVerifier(
      {
        directory,
        generations: [1, 2],
        verifyBearer: (token) => registered.find(({ credential }) => credential === token)?.actor,
      },
      { clock: () => seconds * 1000 },
    );
    expect(run.assertions.length).toBeGreaterThan(0);
    for (const { header, header_value: value, other_auth_headers: others, ...sample } of run.assertions) {
      seconds = sample.received_at;
      const headers = new Headers({ ...others, [header]: value });
      const verify = () =>
        verifier.verify(headers.get('authorization'), {
          accountId: headers.get('chatgpt-account-id'),
          instanceAssertion: headers.get('x-openai-agent-assertion'),
          organizationId: headers.get('openai-organization'),
          projectId: headers.get('openai-project'),
        });
      expect(await verify()).toMatchObject({ generation: 2, assertionId: sample.claims.id });
      await expect(verify()).rejects.toMatchObject({ code: 'instance_assertion_replayed' });
    }
  });
});
