// Pools and managers of any type can be measured.
import { type Meter, type MeterProvider, metrics } from "@opentelemetry/api";
import { createManager, createPool, definePool, type Provider } from "@warmpool/core";
import { instrument } from "@warmpool/core/otel";

declare const provider: Provider<{ url: string }>;
declare const meter: Meter;
declare const meterProvider: MeterProvider;

const stop: () => void = instrument(createPool({ provider, max: 1 }));
stop();
instrument(createManager({ pools: { a: definePool({ provider, max: 1 }) } }), { meterProvider });
instrument(createPool({ provider, max: 1 }), { meter: meter ?? metrics.getMeter("mine") });
// @ts-expect-error: it is meterProvider
instrument(createPool({ provider, max: 1 }), { provider: meterProvider });
