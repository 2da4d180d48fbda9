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
import type { RunEvent, RunObserver, RunOperation, RunOperationResult } from '../run/run-observer.js';

/** Where spans and counters go; the global providers by default. */
export interface OpenTelemetryOptions {
  readonly tracerProvider?: TracerProvider | undefined;
  readonly meterProvider?: MeterProvider | undefined;
}

const scopeName = 'provider-auth';

/**
 * Tells OpenTelemetry what happens in a run: a span and a count per operation, a count per event. No secret is in any.
 *
 * | span | attributes |
 * |---|---|
 * | `provider_auth.bootstrap` | `agent_identity.runtime.id`, `agent_identity.task.id` once known; what it registers has no span and no count of its own |
 * | `provider_auth.task_registration` | these, and `provider_auth.purpose`: `run` or `replacement` |
 * | `provider_auth.recovery` | these, and `agent_identity.failed_task.id`; the registration's span is its child |
 * | `provider_auth.bearer_fallback` | none; it has no length |
 *
 * A failed one has the status error, `error.type` (the code of the error) and, where a server answered,
 * `http.response.status_code`.
 *
 * | counter | attributes |
 * |---|---|
 * | `provider_auth.operations` | `provider_auth.operation`, `provider_auth.outcome`: `succeeded` or `failed`, `error.type` |
 * | `provider_auth.events` | `provider_auth.event`: the type of a `RunEvent`, `error.type` where it has a code |
 */
export function openTelemetryObserver({
  tracerProvider,
  meterProvider,
}: OpenTelemetryOptions = {}): RunObserver {
  const tracer = (tracerProvider ?? trace).getTracer(scopeName);
  const meter = (meterProvider ?? metrics).getMeter(scopeName);
  const operations = meter.createCounter('provider_auth.operations', {
    description: 'Bootstraps, task registrations and recoveries that ended',
  });
  const events = meter.createCounter('provider_auth.events', {
    description: 'What happened in runs, such as task_replaced or bearer_fallback_engaged',
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
      events.add(1, { 'provider_auth.event': event.type, ...errorTypeOf(event) });
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

/** A replacement is registered within the recovery that asked for it; everything else within what the caller does. */
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
  } else {
    span.setAttribute('error.type', result.errorCode);
    if (result.httpStatus !== undefined) span.setAttribute('http.response.status_code', result.httpStatus);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

function errorTypeOf(event: RunEvent): Attributes {
  if ('errorCode' in event) return { 'error.type': event.errorCode };
  return 'code' in event ? { 'error.type': event.code } : {};
}
