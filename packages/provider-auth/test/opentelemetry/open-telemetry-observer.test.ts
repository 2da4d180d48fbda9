import { SpanStatusCode } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { memoryAuthStore } from 'chatgpt-auth';
import {
  createRunScope,
  defineProvider,
  loadAuth,
  providerFetch,
  type RunOperation,
  resolveProviderAuth,
} from 'provider-auth';
import { openTelemetryObserver } from 'provider-auth/opentelemetry';
import { expect, it, onTestFinished } from 'vitest';
import { accessToken, chatgptLogin } from '../support/chatgpt-login.js';
import { firstParty } from '../support/first-party.js';
import { instanceServers } from '../support/instance-servers.js';
import { startRun, stillEffects } from '../support/start-run.js';

/** A collector of the OpenTelemetry SDK, in memory. */
function collector() {
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 2 ** 30 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => meterProvider.shutdown());
  return {
    observer: openTelemetryObserver({ tracerProvider, meterProvider }),
    finished: () => spans.getFinishedSpans(),
    spans: () =>
      spans.getFinishedSpans().map(({ name, attributes, status, parentSpanContext }) => ({
        name,
        attributes,
        failed: status.code === SpanStatusCode.ERROR,
        parent: spans
          .getFinishedSpans()
          .find((span) => span.spanContext().spanId === parentSpanContext?.spanId)?.name,
      })),
    async counts() {
      await meterProvider.forceFlush();
      const all =
        metrics
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      return all.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [descriptor.name, attributes, value]),
      );
    },
    /** All that was exported, names, values and all. */
    async dump() {
      await meterProvider.forceFlush();
      const seen = spans.getFinishedSpans().map(({ name, attributes, events, status, resource }) => ({
        name,
        attributes,
        events,
        status,
        resource: resource.attributes,
      }));
      return JSON.stringify([seen, metrics.getMetrics()]);
    },
  };
}

it('registrations and recoveries become nested spans and counters', async () => {
  const { observer, spans, counts } = collector();
  const world = await firstParty();
  const { resolved } = await startRun(world, { observers: [observer] });
  world.state.liveTasks.clear();
  await providerFetch(resolved)(world.provider.baseUrl);
  const runtime = { 'agent_identity.runtime.id': 'agent-1' };
  expect(spans()).toEqual([
    {
      name: 'provider_auth.task_registration',
      attributes: { ...runtime, 'provider_auth.purpose': 'run', 'agent_identity.task.id': 'task-1' },
      failed: false,
      parent: undefined,
    },
    {
      name: 'provider_auth.task_registration',
      attributes: { ...runtime, 'provider_auth.purpose': 'replacement', 'agent_identity.task.id': 'task-2' },
      failed: false,
      parent: 'provider_auth.recovery',
    },
    {
      name: 'provider_auth.recovery',
      attributes: {
        ...runtime,
        'agent_identity.failed_task.id': 'task-1',
        'agent_identity.task.id': 'task-2',
      },
      failed: false,
      parent: undefined,
    },
  ]);
  const outcome = { 'provider_auth.outcome': 'succeeded' };
  expect(await counts()).toEqual([
    ['provider_auth.operations', { 'provider_auth.operation': 'task_registration', ...outcome }, 2],
    ['provider_auth.operations', { 'provider_auth.operation': 'recovery', ...outcome }, 1],
    ['provider_auth.events', { 'provider_auth.event': 'task_replaced' }, 1],
  ]);
});

it('concurrent recoveries of one runtime have their own registrations as children', () => {
  const { observer, finished } = collector();
  const begin = (operation: RunOperation) => observer.onOperation?.(operation) ?? (() => {});
  const agentRuntimeId = 'agent-1';
  const recoveries = ['task-a', 'task-b'].map((failedTaskId) => {
    const recovery: RunOperation = { name: 'recovery', agentRuntimeId, failedTaskId };
    return { recovery, end: begin(recovery) };
  });
  for (const { recovery } of recoveries) {
    const registration = { name: 'task_registration', purpose: 'replacement', agentRuntimeId } as const;
    begin({ ...registration, within: recovery })({ outcome: 'succeeded', taskId: 't' });
  }
  for (const { end } of recoveries) end({ outcome: 'succeeded', taskId: 't' });
  const [first, second, ...ended] = finished();
  expect([first?.parentSpanContext?.spanId, second?.parentSpanContext?.spanId]).toEqual(
    ended.map((span) => span.spanContext().spanId),
  );
});

it('an unavailable bootstrap and the bearer fallback become spans and counters', async () => {
  const { observer, spans, counts } = collector();
  const world = await firstParty();
  world.state.answerRegistration = () => ({ status: 503 });
  const scope = createRunScope({ observers: [observer] }, stillEffects);
  const auth = await loadAuth({
    store: memoryAuthStore(chatgptLogin({}, 'account-of-telemetry')),
    authapiBaseUrl: world.authapi.authapiBaseUrl,
    policy: 'chatgpt-auth',
    scope,
  });
  await resolveProviderAuth({
    auth,
    provider: defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl }),
  });
  const errorType = { 'error.type': 'agent_identity_unavailable' };
  expect(spans()).toEqual([
    { name: 'provider_auth.bootstrap', attributes: errorType, failed: true, parent: undefined },
    { name: 'provider_auth.bearer_fallback', attributes: errorType, failed: true, parent: undefined },
  ]);
  expect(await counts()).toEqual([
    [
      'provider_auth.operations',
      { 'provider_auth.operation': 'bootstrap', 'provider_auth.outcome': 'failed', ...errorType },
      1,
    ],
    ['provider_auth.events', { 'provider_auth.event': 'bearer_fallback_engaged', ...errorType }, 1],
  ]);
});

it('a failed recovery has its error code, and so has the end of a runtime', async () => {
  const { observer, spans, counts } = collector();
  const world = await firstParty();
  const { resolved } = await startRun(world, { observers: [observer] });
  world.state.liveTasks.clear();
  world.state.answerRegistration = () => ({
    status: 400,
    body: { error: { code: 'invalid_agent_runtime_id', message: 'x' } },
  });
  await providerFetch(resolved)(world.provider.baseUrl);
  expect(spans().filter(({ failed }) => failed)).toMatchObject([
    { name: 'provider_auth.task_registration', attributes: { 'error.type': 'invalid_agent_runtime_id' } },
    { name: 'provider_auth.recovery', attributes: { 'error.type': 'invalid_agent_runtime_id' } },
  ]);
  expect(await counts()).toContainEqual([
    'provider_auth.events',
    { 'provider_auth.event': 'agent_runtime_ended', 'error.type': 'invalid_agent_runtime_id' },
    1,
  ]);
});

it('a refused registration has its HTTP status', async () => {
  const { observer, spans } = collector();
  const world = await firstParty();
  const { resolved } = await startRun(world, { observers: [observer] });
  world.state.liveTasks.clear();
  world.state.answerRegistration = () => ({ status: 418 });
  await providerFetch(resolved)(world.provider.baseUrl);
  expect(spans().at(-1)?.attributes).toMatchObject({
    'error.type': 'registration_refused',
    'http.response.status_code': 418,
  });
});

it('spans and counters contain no secret', async () => {
  const { observer, dump } = collector();
  const world = await firstParty();
  const store = memoryAuthStore(chatgptLogin({ agent_identity: { ...world.record, task_id: 'task-0' } }));
  const scope = createRunScope({ observers: [observer] }, stillEffects);
  const auth = await loadAuth({
    store,
    authapiBaseUrl: world.authapi.authapiBaseUrl,
    policy: 'chatgpt-auth',
    scope,
  });
  const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
  const fetch = providerFetch(await resolveProviderAuth({ auth, provider }));
  await fetch(world.provider.baseUrl, { headers: { 'x-secret': 'sk-caller-secret' } });
  world.state.liveTasks.clear();
  world.state.answerRegistration = () => ({
    status: 401,
    body: { error: { message: `echo ${world.record.agent_private_key} ${accessToken}`, code: 'echo' } },
  });
  await fetch(world.provider.baseUrl);
  const collected = await dump();
  expect(collected).toContain('provider_auth.recovery');
  const sent = [...world.provider.requests, ...world.authapi.requests];
  const secrets = [
    world.record.agent_private_key,
    accessToken,
    'refresh-token',
    'sk-caller-secret',
    'someone@example.test',
    ...sent.map(({ headers }) => headers['authorization']?.split(' ')[1] ?? ''),
    ...world.authapi.requests.map(({ body }) => JSON.parse(body).signature),
  ].filter((secret) => secret !== '');
  expect(secrets.length).toBeGreaterThan(8);
  for (const secret of secrets) expect(collected).not.toContain(secret);
});

it('the observer does nothing without an OpenTelemetry SDK', () => {
  const end = openTelemetryObserver().onOperation?.({ name: 'bootstrap' });
  expect(end?.({ outcome: 'succeeded' })).toBeUndefined();
});

it('reports the registration of a runtime agent instance with its generation and id', async () => {
  const { observer, spans, counts } = collector();
  const servers = await instanceServers();
  const scope = createRunScope({ observers: [observer] }, stillEffects);
  const runtimeAgentInstances = servers.options();
  const auth = await loadAuth({ apiKey: 'sk-marked', runtimeAgentInstances, scope });
  const { baseUrl } = servers.provider;
  servers.state.refused.set('instance-1', { status: 401, code: 'runtime_instance_revoked' });
  await providerFetch(auth, { kind: 'first_party', baseUrl })(baseUrl);
  expect(spans()).toEqual([
    {
      name: 'provider_auth.instance_registration',
      attributes: { 'agent_identity.generation': 2, 'agent_identity.instance.id': 'instance-1' },
      failed: false,
      parent: undefined,
    },
  ]);
  const counted = JSON.stringify(await counts());
  expect(counted).toContain('instance_ended');
  expect(counted).toContain('"agent_identity.generation":2');
  expect(counted).not.toContain('sk-marked');
});
