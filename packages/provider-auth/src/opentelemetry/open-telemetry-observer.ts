import {
  type Attributes,
  type Context,
  context,
  type MeterProvider,
  metrics,
  type Span,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { requireKnownOptions, requireMethods } from 'agent-identity-core/http';
import type { RunEvent, RunObserver, RunOperation, RunOperationResult } from '../run/run-observer.js';

/** Options for {@link openTelemetryObserver}. */
export interface OpenTelemetryObserverOptions {
  /** Receives the spans. Default: the global provider. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Receives the counters. Default: the global provider. */
  readonly meterProvider?: MeterProvider | undefined;
}

const scopeName = 'provider-auth';

/**
 * Creates an observer that reports a run to OpenTelemetry: a span and a count per operation, and a count per event. None
 * contains a secret.
 *
 * | span | attributes |
 * |---|---|
 * | `provider_auth.bootstrap` | `agent_identity.runtime.id`, `agent_identity.task.id` once known; its registrations have no spans of their own |
 * | `provider_auth.task_registration` | these, and `provider_auth.purpose`: `run` or `replacement` |
 * | `provider_auth.instance_registration` | `agent_identity.generation` (2), and `agent_identity.instance.id` once known |
 * | `provider_auth.recovery` | those of a task registration, and `agent_identity.failed_task.id`; the span of the registration is its child |
 * | `provider_auth.bearer_fallback` | `error.type`; it has no duration |
 *
 * A failed span has the status error, `error.type` (the code of the error) and, if a server responded,
 * `http.response.status_code`.
 *
 * | counter | attributes |
 * |---|---|
 * | `provider_auth.operations` | `provider_auth.operation`, `provider_auth.outcome`: `succeeded` or `failed`, `error.type` |
 * | `provider_auth.events` | `provider_auth.event`: the type of a `RunEvent`, `error.type` for an event with a code, `agent_identity.generation` for events of instances |
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { createRunScope, loadAuth } from 'provider-auth';
 * import { openTelemetryObserver } from 'provider-auth/opentelemetry';
 *
 * const scope = createRunScope({ observers: [openTelemetryObserver()] });
 * const auth = await loadAuth({ apiKey: 'sk-test', scope });
 * ```
 */
export function openTelemetryObserver(options: OpenTelemetryObserverOptions = {}): RunObserver {
  requireKnownOptions(options, ['tracerProvider', 'meterProvider'], 'options');
  const { tracerProvider = trace, meterProvider = metrics } = options;
  requireMethods(tracerProvider, ['getTracer'], 'tracerProvider', 'a TracerProvider');
  requireMethods(meterProvider, ['getMeter'], 'meterProvider', 'a MeterProvider');
  const tracer = tracerProvider.getTracer(scopeName);
  const meter = meterProvider.getMeter(scopeName);
  const operations = meter.createCounter('provider_auth.operations', {
    description: 'Completed bootstraps, registrations and recoveries',
  });
  const events = meter.createCounter('provider_auth.events', {
    description: 'Events of runs, such as task_replaced or bearer_fallback_engaged',
  });
  const recoveries = new WeakMap<RunOperation, Span>();

  return {
    onOperation(operation) {
      const span = tracer.startSpan(
        `provider_auth.${operation.name}`,
        { attributes: attributesOf(operation) },
        parentOf(operation, recoveries),
      );
      if (operation.name === 'recovery') recoveries.set(operation, span);
      return (result) => {
        endSpan(span, result);
        operations.add(1, {
          'provider_auth.operation': operation.name,
          'provider_auth.outcome': result.outcome,
          ...(result.outcome === 'failed' && { 'error.type': result.errorCode }),
        });
      };
    },
    onEvent(event) {
      events.add(1, { 'provider_auth.event': event.type, ...generationOf(event), ...errorTypeOf(event) });
      if (event.type === 'bearer_fallback_engaged') {
        endSpan(tracer.startSpan('provider_auth.bearer_fallback'), {
          outcome: 'failed',
          errorCode: event.errorCode,
        });
      }
    },
  };
}

function attributesOf(operation: RunOperation): Attributes {
  switch (operation.name) {
    case 'bootstrap':
      return {};
    case 'instance_registration':
      return generationOf(operation);
    case 'task_registration':
      return {
        'agent_identity.runtime.id': operation.agentRuntimeId,
        'provider_auth.purpose': operation.purpose,
      };
    case 'recovery':
      return {
        'agent_identity.runtime.id': operation.agentRuntimeId,
        'agent_identity.failed_task.id': operation.failedTaskId,
      };
  }
}

/** The span of a replacement is a child of its recovery; all others are children of the caller's span. */
function parentOf(operation: RunOperation, recoveries: WeakMap<RunOperation, Span>): Context {
  const within = operation.name === 'task_registration' ? operation.within : undefined;
  const recovery = within && recoveries.get(within);
  return recovery === undefined ? context.active() : trace.setSpan(context.active(), recovery);
}

function endSpan(span: Span, result: RunOperationResult): void {
  if (result.outcome === 'succeeded') {
    if (result.agentRuntimeId !== undefined)
      span.setAttribute('agent_identity.runtime.id', result.agentRuntimeId);
    if (result.taskId !== undefined) span.setAttribute('agent_identity.task.id', result.taskId);
    if (result.runtimeAgentInstanceId !== undefined)
      span.setAttribute('agent_identity.instance.id', result.runtimeAgentInstanceId);
  } else {
    span.setAttribute('error.type', result.errorCode);
    if (result.httpStatus !== undefined) span.setAttribute('http.response.status_code', result.httpStatus);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

function generationOf(value: RunEvent | RunOperation): Attributes {
  return 'generation' in value ? { 'agent_identity.generation': value.generation } : {};
}

function errorTypeOf(event: RunEvent): Attributes {
  if ('errorCode' in event) return { 'error.type': event.errorCode };
  return 'code' in event ? { 'error.type': event.code } : {};
}
