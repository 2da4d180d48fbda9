import type { AdminAgent, AdminAgentPage } from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ListTable } from '../../parts/list-table.js';
import { SelectField } from '../../parts/select-field.js';
import { Status } from '../../parts/status.js';
import { TextField } from '../../parts/text-field.js';
import { Time } from '../../parts/time.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { useRights } from '../rights.js';
import { linkTo } from '../routing.js';
import { type LoadedList, useList } from '../use-load.js';
import { Labels, Words } from './labels.js';
import { RevokeManyDialog } from './revoke-many-dialog.js';

/** What the server filters by, as in the link to the page. */
type Filter = Readonly<Record<string, string>>;

/** Lists agents, newest first. The filter is in the link, so that the back button works. */
export function AgentsPage({ api, query }: { readonly api: Api; readonly query: Filter }): JSX.Element {
  const [search, setSearch] = useState('');
  const { mayOperate } = useRights();
  const [isRevoking, setRevoking] = useState(false);
  const { title, revokeMany, columns, empty } = texts.agents;
  const { account_id, chatgpt_user_id, label, status } = query;
  const filter = { account_id, chatgpt_user_id, label, status };
  const list = useList(
    async (cursor) => {
      const page = await api.get<AdminAgentPage>('v1/admin/agents', { ...filter, cursor, limit: '50' });
      return { items: page.agents, nextCursor: page.next_cursor };
    },
    [api, ...Object.values(filter)],
  );
  const found = { ...list, items: list.items?.filter((agent) => isFound(agent, search)) };
  return (
    <>
      <div class="heading">
        <h1>{title}</h1>
        {mayOperate && (
          <button type="button" class="danger" onClick={() => setRevoking(true)}>
            {revokeMany.open}
          </button>
        )}
      </div>
      <FilterForm key={JSON.stringify(filter)} query={query} />
      <section class="card" aria-label={title}>
        <SearchField search={search} onSearch={setSearch} list={list} />
        <ListTable
          list={found}
          label={title}
          columns={columns}
          empty={empty}
          keyOf={(agent) => agent.agent_runtime_id}
          cells={(agent) => [
            <a key="link" href={linkTo('agents', agent.agent_runtime_id)}>
              {agent.name ?? agent.agent_runtime_id}
            </a>,
            <Status key="status" status={agent.status} />,
            agent.account_id,
            agent.owner ?? texts.none,
            <Labels key="labels" labels={agent.labels} />,
            <Words key="capabilities" words={agent.capabilities} />,
            <Time key="created" at={agent.created_at} />,
          ]}
        />
      </section>
      {isRevoking && (
        <RevokeManyDialog
          api={api}
          filter={query}
          onRevoked={list.reload}
          onClose={() => setRevoking(false)}
        />
      )}
    </>
  );
}

function FilterForm({ query }: { readonly query: Filter }): JSX.Element {
  const [filter, setFilter] = useState(query);
  const { account, user, label, labelHint, status, apply, clear, anyStatus } = texts.agents.filter;
  const field = (name: string) => ({
    value: filter[name] ?? '',
    onInput: (value: string) => setFilter({ ...filter, [name]: value }),
  });
  return (
    <form
      class="card filter"
      aria-label={texts.agents.filter.title}
      onSubmit={(event) => {
        event.preventDefault();
        location.hash = linkTo('agents', undefined, filter);
      }}
    >
      <TextField label={account} {...field('account_id')} />
      <TextField label={user} {...field('chatgpt_user_id')} />
      <TextField label={label} hint={labelHint} {...field('label')} />
      <SelectField
        label={status}
        value={filter['status'] ?? ''}
        options={[['', anyStatus], ...statuses.map((each) => [each, each] as const)]}
        onChange={field('status').onInput}
      />
      <div class="buttons">
        <button type="submit" class="main">
          {apply}
        </button>
        <a class="button" href={linkTo('agents')} onClick={() => setFilter({})}>
          {clear}
        </a>
      </div>
    </form>
  );
}

const statuses = ['active', 'suspended', 'revoked', 'expired'] as const satisfies AdminAgent['status'][];

/** Searches what is loaded; an id that is not there can be opened. */
function SearchField(props: {
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly list: LoadedList<AdminAgent>;
}): JSX.Element {
  const { search, onSearch, list } = props;
  const { label, hint, open } = texts.agents.search;
  const text = search.trim();
  const isLoaded = list.items?.some((agent) => agent.agent_runtime_id === text) === true;
  return (
    <div class="stack">
      <TextField
        type="search"
        label={label}
        hint={hint(list.items?.length ?? 0)}
        value={search}
        onInput={onSearch}
      />
      {text !== '' && !isLoaded && <a href={linkTo('agents', text)}>{open(text)}</a>}
    </div>
  );
}

function isFound(agent: AdminAgent, search: string): boolean {
  const text = search.trim().toLowerCase();
  const { agent_runtime_id, name, owner, account_id, chatgpt_user_id, labels, capabilities } = agent;
  const labelTexts = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const texts = [agent_runtime_id, name, owner, account_id, chatgpt_user_id, ...labelTexts, ...capabilities];
  return texts.some((each) => each?.toLowerCase().includes(text));
}
