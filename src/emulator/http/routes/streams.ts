/**
 * Event Streams' own API (`events.twilio.com` at Twilio): sinks, subscriptions and their event
 * types.
 */

import { parseOverrides } from '../../delivery/overrides.ts';
import type { Sink, Streams, Subscription } from '../../delivery/streams.ts';
import { invalid, notFound } from '../../world/refusal.ts';
import { type Answer, type ApiContext, type Call, created, noContent, ok } from '../api.ts';
import { list } from '../paging.ts';
import { type Route, route } from '../router.ts';
import { iso } from '../views.ts';

const MOST = 100;

export function streamRoutes(streams: Streams): Route[] {
  return [...sinkRoutes(streams), ...subscriptionRoutes(streams)];
}

function sinkRoutes(streams: Streams): Route[] {
  const found = (call: Call) => lookUp(streams.sinks, call, 'Sinks');
  return [
    route('GET', '/v1/Sinks', (call, site) =>
      list(call, site, {
        key: 'sinks',
        items: [...streams.sinks.values()],
        view: (sink) => sinkView(site, sink),
      }),
    ),
    route('POST', '/v1/Sinks', (call, site) => {
      if (streams.sinks.size >= MOST) throw invalid(`An account has at most ${MOST} sinks`);
      const sink = { ...made(site, 'DG'), ...readSink(call) };
      streams.sinks.set(sink.sid, sink);
      return created(sinkView(site, sink));
    }),
    route('GET', '/v1/Sinks/:sid', (call, site) => ok(sinkView(site, found(call)))),
    route('POST', '/v1/Sinks/:sid', (call, site) => {
      const sink = found(call);
      sink.description = call.form.required('Description');
      return ok(sinkView(site, sink));
    }),
    route('DELETE', '/v1/Sinks/:sid', (call) => {
      const sink = found(call);
      if (subscriptionOf(streams, sink.sid) !== undefined)
        throw invalid(`Sink ${sink.sid} is in use`);
      streams.sinks.delete(sink.sid);
      return noContent();
    }),
    route('POST', '/v1/Sinks/:sid/Test', (call, site): Answer => {
      streams.sendTo(found(call), {
        specversion: '1.0',
        type: 'com.twilio.eventstreams.test-event',
        source: `/${site.engine.accountSid}/EventStreams`,
        id: site.engine.sids.next('EZ'),
        time: new Date(site.engine.now()).toISOString(),
        datacontenttype: 'application/json',
        dataschema: 'https://events-schemas.twilio.com/EventStreams.TestSinkEvent/1',
        data: { test_id: site.engine.sids.next('TE') },
      });
      return created({ result: 'submitted' });
    }),
  ];
}

function subscriptionRoutes(streams: Streams): Route[] {
  const found = (call: Call) => lookUp(streams.subscriptions, call, 'Subscriptions');
  return [
    route('GET', '/v1/Subscriptions', (call, site) =>
      list(call, site, {
        key: 'subscriptions',
        items: [...streams.subscriptions.values()],
        view: (subscription) => subscriptionView(site, subscription),
      }),
    ),
    route('POST', '/v1/Subscriptions', (call, site) => {
      if (streams.subscriptions.size >= MOST)
        throw invalid(`An account has at most ${MOST} subscriptions`);
      const sinkSid = call.form.required('SinkSid');
      if (!streams.sinks.has(sinkSid)) throw invalid(`Sink ${sinkSid} does not exist`);
      if (subscriptionOf(streams, sinkSid) !== undefined)
        throw invalid(`Sink ${sinkSid} is in use`);
      const subscription: Subscription = {
        ...made(site, 'DF'),
        description: call.form.required('Description'),
        sinkSid,
        types: new Map(call.form.all('Types').map(readType)),
      };
      streams.subscriptions.set(subscription.sid, subscription);
      return created(subscriptionView(site, subscription));
    }),
    route('GET', '/v1/Subscriptions/:sid', (call, site) => ok(subscriptionView(site, found(call)))),
    route('DELETE', '/v1/Subscriptions/:sid', (call) => {
      streams.subscriptions.delete(found(call).sid);
      return noContent();
    }),
    route('GET', '/v1/Subscriptions/:sid/SubscribedEvents', (call, site) => {
      const subscription = found(call);
      const items = [...subscription.types].map(([type, version], seq) => ({
        sid: type,
        seq,
        version,
      }));
      const view = ({ sid, version }: (typeof items)[number]) =>
        typeView(site, subscription, [sid, version]);
      return list(call, site, { key: 'types', items, view });
    }),
    route('POST', '/v1/Subscriptions/:sid/SubscribedEvents', (call, site) => {
      const subscription = found(call);
      const type = call.form.required('Type');
      const version = call.form.int('SchemaVersion') ?? LATEST_SCHEMA;
      subscription.types.set(type, version);
      return created(typeView(site, subscription, [type, version]));
    }),
    route('DELETE', '/v1/Subscriptions/:sid/SubscribedEvents/:type', (call) => {
      if (!found(call).types.delete(call.param('type'))) throw notFound(call.path);
      return noContent();
    }),
  ];
}

/** What an omitted schema_version subscribes to. */
const LATEST_SCHEMA = 4;

function made(site: ApiContext, prefix: string) {
  const { engine } = site;
  return { sid: engine.sids.next(prefix), seq: engine.seq(), dateCreated: engine.now() };
}

function lookUp<T>(items: ReadonlyMap<string, T>, call: Call, folder: string): T {
  const item = items.get(call.param('sid'));
  if (item === undefined) throw notFound(`/${folder}/${call.param('sid')}`);
  return item;
}

function subscriptionOf(streams: Streams, sinkSid: string): Subscription | undefined {
  return [...streams.subscriptions.values()].find((entry) => entry.sinkSid === sinkSid);
}

function readSink(call: Call): Pick<Sink, 'description' | 'destination' | 'batchEvents'> {
  if (call.form.required('SinkType') !== 'webhook')
    throw invalid('The emulator has webhook sinks only');
  const configuration = parse(call.form.required('SinkConfiguration'));
  const { destination, method, batch_events: batch } = configuration;
  if (typeof destination !== 'string' || parseOverrides(destination) === null)
    throw invalid('SinkConfiguration needs a destination: an http or https URL');
  if (method !== undefined && String(method).toUpperCase() !== 'POST')
    throw invalid('The emulator sends to webhook sinks by POST only');
  return {
    description: call.form.required('Description'),
    destination,
    batchEvents: batch === true || batch === 'true',
  };
}

function readType(text: string): [type: string, version: number] {
  const { type, schema_version: version } = parse(text);
  if (typeof type !== 'string') throw invalid('Types: each needs a type');
  return [type, typeof version === 'number' ? version : LATEST_SCHEMA];
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object') return value as Record<string, unknown>;
  } catch {
    // Falls through to the refusal.
  }
  throw invalid('Not a JSON object');
}

function sinkView(site: ApiContext, sink: Sink) {
  const url = `${site.base()}/v1/Sinks/${sink.sid}`;
  return {
    date_created: iso(sink.dateCreated),
    date_updated: iso(sink.dateCreated),
    description: sink.description,
    sid: sink.sid,
    sink_configuration: {
      destination: sink.destination,
      method: 'POST',
      batch_events: sink.batchEvents,
    },
    sink_type: 'webhook',
    status: 'active',
    url,
    links: { sink_test: `${url}/Test`, sink_validate: `${url}/Validate` },
  };
}

function subscriptionView(site: ApiContext, subscription: Subscription) {
  const url = `${site.base()}/v1/Subscriptions/${subscription.sid}`;
  return {
    account_sid: site.engine.accountSid,
    sid: subscription.sid,
    date_created: iso(subscription.dateCreated),
    date_updated: iso(subscription.dateCreated),
    description: subscription.description,
    sink_sid: subscription.sinkSid,
    url,
    links: { subscribed_events: `${url}/SubscribedEvents` },
  };
}

function typeView(site: ApiContext, subscription: Subscription, [type, version]: [string, number]) {
  return {
    account_sid: site.engine.accountSid,
    subscription_sid: subscription.sid,
    type,
    schema_version: version,
    url: `${site.base()}/v1/Subscriptions/${subscription.sid}/SubscribedEvents/${type}`,
  };
}
