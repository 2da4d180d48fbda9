import { expect, it } from 'vitest';

it('agent-identity-core exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-core')).sort()).toEqual([
    'AgentIdentityError',
    'createAgentAssertion',
    'createAgentAssertionAsync',
    'createAssertionSigner',
    'createAsyncAssertionSigner',
    'createAsyncInstanceAssertionSigner',
    'createInstanceAssertion',
    'createInstanceAssertionAsync',
    'createInstanceAssertionSigner',
    'describeType',
    'detectAssertionGeneration',
    'formatAgentAssertion',
    'generateAgentKey',
    'isAgentIdentityError',
    'isWithinWindow',
    'openSealedTaskId',
    'parseAgentAssertion',
    'parseInstanceAssertion',
    'readAgentKey',
    'readSshPublicKey',
    'readUnverifiedStatement',
    'requireAgentSigner',
    'sealTaskId',
    'signStatement',
    'signTaskRegistration',
    'signTaskRegistrationAsync',
    'signWithSigner',
    'verifyAgentAssertion',
    'verifyInstanceAssertion',
    'verifyStatement',
    'verifyTaskRegistration',
  ]);
});

it('agent-identity-core/wire exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-core/wire')).sort()).toEqual([
    'actorAuthSchema',
    'agentAssertionEnvelopeSchema',
    'agentBillOfMaterialsSchema',
    'agentIdentityClaimsSchema',
    'agentIdentityRecordSchema',
    'agentRegistrationRequestSchema',
    'agentRegistrationResponseSchema',
    'childRegistrationResponseSchema',
    'childRegistrationStatementSchema',
    'errorBodySchema',
    'explainSchemaError',
    'hideKeyFromInspect',
    'instanceActorSchema',
    'instanceMetadataSchema',
    'instanceRegistrationRequestSchema',
    'instanceRegistrationResponseSchema',
    'isAgentRuntimeDeleted',
    'isTaskGone',
    'keyChangeResponseSchema',
    'keyChangeStatementSchema',
    'keylessAgentIdentityRecordSchema',
    'knownPlanTypes',
    'normalizePlanType',
    'planTypeSchema',
    'readErrorBody',
    'runtimeErrorCodeSchema',
    'signedStatementSchema',
    'taskRegistrationRequestSchema',
    'taskRegistrationResponseSchema',
  ]);
});

it('agent-identity-core/http exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-core/http')).sort()).toEqual([
    'KeyedMutex',
    'cancelBody',
    'carriesAgentKey',
    'createSingleFlight',
    'createSubscribers',
    'decodeJwtPart',
    'decodeUnverifiedJwtPayload',
    'explainForbidden',
    'findNearestName',
    'identificationHeaders',
    'ignoringErrors',
    'invalidArgument',
    'isCapability',
    'isHeaderSafe',
    'isLoopbackHost',
    'isPlainPath',
    'looksLikeJwt',
    'parseHttpDate',
    'parseJson',
    'readBoundedText',
    'readClock',
    'readFreshness',
    'redactCredentials',
    'requireBaseUrl',
    'requireCapabilities',
    'requireKnownOptions',
    'requireMethods',
    'requireObject',
    'requireSeconds',
    'requireSecureUrl',
    'requireSignal',
    'resolveEffects',
    'showFileName',
    'startTimer',
    'systemErrorCode',
    'untilAborted',
    'withDeadline',
    'withoutTrailingSlashes',
  ]);
});

it('agent-identity-core/terminal exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-core/terminal')).sort()).toEqual([
    'formatCompletions',
    'printable',
    'stylesOf',
  ]);
});

it('no other path of the package can be imported', async () => {
  for (const path of ['dist/index.js', 'dist/backend/node.js', 'src/index.ts', 'errors', 'wire/index.js']) {
    const specifier = `agent-identity-core/${path}`;
    await expect(import(/* @vite-ignore */ specifier)).rejects.toThrow();
  }
});
