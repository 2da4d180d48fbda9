import type { AdminAgent } from 'agent-identity-authority-core/admin-wire';
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../../parts/confirm-dialog.js';
import { Problem } from '../../parts/list-table.js';
import { Status } from '../../parts/status.js';
import { Time } from '../../parts/time.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { useRights } from '../rights.js';
import { linkTo } from '../routing.js';
import { useLoad } from '../use-load.js';
import { AgentEntries } from './agent-entries.js';
import { AgentTasks } from './agent-tasks.js';
import { Labels, Words } from './labels.js';

type Change = 'suspend' | 'resume' | 'revoke';

/** Everything about an agent, and what can be done with it. */
export function AgentPage(props: { readonly api: Api; readonly agentRuntimeId: string }): JSX.Element {
  const { api, agentRuntimeId } = props;
  const { maySeeAll } = useRights();
  const [change, setChange] = useState<Change>();
  const [changes, setChanges] = useState(0);
  const path = `v1/admin/agents/${encodeURIComponent(agentRuntimeId)}`;
  const agent = useLoad(() => api.get<AdminAgent>(path), [api, path]);
  const onChanged = () => {
    setChanges(changes + 1);
    agent.reload();
  };
  const { title, back } = texts.agent;
  return (
    <>
      <p>
        <a href={linkTo('agents')}>{back}</a>
      </p>
      <div class="heading">
        <h1>
          {title} <span class="mono">{agent.value?.name ?? agentRuntimeId}</span>
        </h1>
        {agent.value !== undefined && <Changes agent={agent.value} onChange={setChange} />}
      </div>
      <Problem error={agent.error} />
      {agent.value !== undefined && (
        <>
          <div class="columns even">
            <Facts agent={agent.value} />
            <ToldToVerifiers agent={agent.value} />
          </div>
          <AgentTasks api={api} path={path} changes={changes} onChanged={onChanged} />
          {maySeeAll && <AgentEntries api={api} agentRuntimeId={agentRuntimeId} changes={changes} />}
        </>
      )}
      {change !== undefined && (
        <ConfirmDialog
          {...texts.agent.changes[change]}
          onConfirm={async () => {
            await api.post(`${path}/${change}`);
            onChanged();
          }}
          onClose={() => setChange(undefined)}
        />
      )}
    </>
  );
}

function Changes(props: {
  readonly agent: AdminAgent;
  readonly onChange: (change: Change) => void;
}): JSX.Element {
  const { agent, onChange } = props;
  const { suspend, resume, revoke } = texts.agent.changes;
  const { mayOperate } = useRights();
  // Neither does anything to an agent that has ended.
  if (!mayOperate || agent.status === 'revoked') return <Status status={agent.status} />;
  return (
    <div class="buttons">
      {agent.status === 'suspended' ? (
        <button type="button" onClick={() => onChange('resume')}>
          {resume.confirm}
        </button>
      ) : (
        <button type="button" onClick={() => onChange('suspend')}>
          {suspend.confirm}
        </button>
      )}
      <button type="button" class="danger" onClick={() => onChange('revoke')}>
        {revoke.confirm}
      </button>
    </div>
  );
}

function Facts({ agent }: { readonly agent: AdminAgent }): JSX.Element {
  const { facts } = texts.agent;
  const rows: readonly (readonly [string, ComponentChildren])[] = [
    [facts.id, <code key="id">{agent.agent_runtime_id}</code>],
    [facts.status, <Status key="status" status={agent.status} />],
    [facts.name, agent.name ?? texts.none],
    [facts.owner, agent.owner ?? texts.none],
    [facts.account, agent.account_id],
    [facts.user, agent.chatgpt_user_id],
    [facts.plan, agent.plan_type],
    [facts.labels, <Labels key="labels" labels={agent.labels} />],
    [facts.capabilities, <Words key="capabilities" words={agent.capabilities} />],
    [facts.created, <Time key="created" at={agent.created_at} />],
    [facts.expires, <Time key="expires" at={agent.expires_at} />],
    [facts.suspended, <Time key="suspended" at={agent.suspended_at} />],
    [facts.revoked, <Time key="revoked" at={agent.revoked_at} />],
  ];
  return (
    <section class="card" aria-labelledby="facts">
      <h2 id="facts">{facts.title}</h2>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The members that the directory has (docs/authority.md, "Routes"): the owner and the user stay with administrators. */
function ToldToVerifiers({ agent }: { readonly agent: AdminAgent }): JSX.Element {
  const { title, text, refused } = texts.agent.verifiers;
  const { agent_runtime_id, agent_public_key, account_id, status, capabilities, name, labels } = agent;
  const told = { agent_runtime_id, agent_public_key, account_id, status, capabilities };
  const facts = { ...told, name: name ?? undefined, labels, plan_type: agent.plan_type, abom: agent.abom };
  return (
    <section class="card" aria-labelledby="verifiers">
      <h2 id="verifiers">{title}</h2>
      <p class="quiet">{text}</p>
      {status !== 'active' && <p class="note bad">{refused(status)}</p>}
      <pre>{JSON.stringify(facts, null, 2)}</pre>
    </section>
  );
}
