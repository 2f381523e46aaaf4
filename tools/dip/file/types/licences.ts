/** Actions on licences, their models and their devices. */
import { grantLicence, reinstateLicence, revokeLicence, suspendLicence } from '../../actions.ts';
import {
  certifyModel,
  retireDevice,
  setDeviceCap,
  setVerifier,
  slashLicence,
  withdrawCertificate,
} from '../../registry-actions.ts';
import { address, bytes, count, dimo, hash, id, line, yesOrNo } from '../arguments/index.ts';
import { type ActionType, actionType, exampleHash, somebody } from './action-type.ts';

const deviceCap = count(1, 4_294_967_295);
const reason = line();
const [model, image, audit] = ['a', 'b', 'c'].map(exampleHash);

export const licenceTypes: readonly ActionType[] = [
  actionType('grant-licence', 'license a maker of Miners', {
    arguments: { owner: address, name: line(100), bond: dimo, deviceCap, attestationSigner: bytes(20, 1_024) },
    example: () => ({
      owner: somebody,
      name: 'Acme Devices',
      bond: '100000 DIMO',
      deviceCap: '1000',
      attestationSigner: somebody,
    }),
    build: (deployment, { bond, ...licence }) => grantLicence(deployment, { ...licence, bondRequired: bond }),
  }),
  actionType('suspend-licence', "stop a licence's whole fleet until it is reinstated", {
    arguments: { id, reason },
    example: () => ({ id: '1', reason: 'a fault found in the field' }),
    build: suspendLicence,
  }),
  actionType('reinstate-licence', "end a licence's suspension", {
    arguments: { id },
    example: () => ({ id: '1' }),
    build: reinstateLicence,
  }),
  actionType('revoke-licence', 'end a licence for good', {
    arguments: { id, reason },
    example: () => ({ id: '1', reason: 'forged packs' }),
    build: revokeLicence,
  }),
  actionType('slash-licence', "take a part of a licence's bond into the treasury", {
    arguments: { id, amount: dimo, reason },
    example: () => ({ id: '1', amount: '25000 DIMO', reason: 'late with a security update' }),
    build: slashLicence,
  }),
  actionType('set-device-cap', 'say how many Miners a licence may have', {
    arguments: { id, deviceCap },
    example: () => ({ id: '1', deviceCap: '5000' }),
    build: setDeviceCap,
  }),
  actionType('certify-model', "record the audit of a model's firmware image", {
    arguments: { licence: id, model: hash, image: hash, audit: hash },
    example: () => ({ licence: '1', model, image, audit }),
    build: (deployment, { licence, model, image, audit }) =>
      certifyModel(deployment, { licenceId: licence, modelId: model, imageHash: image, auditHash: audit }),
  }),
  actionType('withdraw-certificate', 'take such a record back', {
    arguments: { licence: id, model: hash, image: hash },
    example: () => ({ licence: '1', model, image }),
    build: (deployment, { licence, model, image }) =>
      withdrawCertificate(deployment, { licenceId: licence, modelId: model, imageHash: image }),
  }),
  actionType('set-verifier', "accept a contract as a verifier of makers' signatures, or no longer", {
    arguments: { verifier: address, accepted: yesOrNo },
    example: () => ({ verifier: 'PackVerifier', accepted: 'yes' }),
    build: (deployment, { verifier, accepted }) => setVerifier(deployment, { address: verifier, listed: accepted }),
  }),
  actionType('retire-device', 'end a device for good, without its owner', {
    arguments: { device: address, reason },
    example: () => ({ device: somebody, reason: 'its key is known' }),
    build: (deployment, { device, reason }) => retireDevice(deployment, { address: device, reason }),
  }),
];
