/** A DIP file to begin with, and what its tests share. */
import { type Addresses, type Deployment, plan } from '../../../../tools/deploy/index.ts';

/** A deployment that is nowhere: each contract has an address of its own. */
export const deployment: Deployment = {
  chainId: 1,
  block: 0,
  deployer: '0x00000000000000000000000000000000000000ff',
  addresses: Object.fromEntries(
    plan.map(({ name }, index) => [name, `0x${(index + 1).toString(16).padStart(40, '0')}`]),
  ) as unknown as Addresses,
};

export const recipient = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

export const body = `## Abstract

Pay for the upkeep.

## Motivation

It is needed.

## Specification

One payment.

## Implementation

None.

## Copyright

CC0`;

/** A file whose actions are these lines, each indented by two. */
export function fileOf(actions: string, { head = '', text = body }: { head?: string; text?: string } = {}): string {
  return `---
title: Pay for the upkeep of decoders
authors: [Ada, Grace <grace@example.org>]
created: 2026-03-01
licence: CC0-1.0
${head}actions:
${actions}
---

${text}
`;
}

export const spendLines = `  - action: spend
    to: ${recipient}
    amount: 1250.5 DIMO`;
