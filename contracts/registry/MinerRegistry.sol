// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {EIP712Upgradeable} from "@openzeppelin/contracts-upgradeable/utils/cryptography/EIP712Upgradeable.sol";
import {Governed} from "../common/Governed.sol";
import {DeviceKeys} from "./DeviceKeys.sol";
import {DeviceStates} from "./DeviceStates.sol";
import {EnrolmentTypes} from "./EnrolmentTypes.sol";
import {IManufacturerRegistry} from "./IManufacturerRegistry.sol";
import {IMinerRegistry} from "./IMinerRegistry.sol";

/// @title Identities of Miners
contract MinerRegistry is IMinerRegistry, Governed, EIP712Upgradeable {
    using EnrolmentTypes for Enrolment;
    using EnrolmentTypes for EnrolmentBatch;
    using EnrolmentTypes for BatchClaim;
    using EnrolmentTypes for Rotation;

    bytes32 public constant ENROLMENT_TYPEHASH = EnrolmentTypes.ENROLMENT;
    bytes32 public constant ROTATION_TYPEHASH = EnrolmentTypes.ROTATION;
    bytes32 public constant BATCH_TYPEHASH = EnrolmentTypes.BATCH;
    bytes32 public constant CLAIM_TYPEHASH = EnrolmentTypes.CLAIM;

    /// @dev The first five fill one slot, the only one that an enrolment writes for the device.
    struct Device {
        DeviceStatus status;
        uint32 manufacturerId;
        uint16 modelNumber;
        address owner;
        uint40 enrolledAt;
        bytes32 vehicle;
        uint40 retiredAt;
    }

    /// @dev Models are numbered from 1 as they are first used, so that a device holds two bytes instead of 32.
    struct Fleet {
        uint32 active;
        uint64 nonce;
        uint16 modelCount;
        mapping(bytes32 modelId => uint16 modelNumber) modelNumbers;
        mapping(uint16 modelNumber => bytes32 modelId) modelIds;
    }

    /// @custom:storage-location erc7201:dimo.storage.MinerRegistry
    struct Layout {
        IManufacturerRegistry manufacturers;
        mapping(address device => Device) devices;
        mapping(uint256 manufacturerId => Fleet) fleets;
        mapping(address owner => mapping(bytes32 vehicle => address device)) pairings;
        /// Of P-256 devices alone.
        mapping(address device => DeviceKeys.PublicKey) keys;
        /// The hash of the attestation signer that signed a posted batch.
        mapping(bytes32 batchId => bytes32 signerHash) batches;
        mapping(address device => address to) offers;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.MinerRegistry")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0x9be7913d34530e6bec62a9787d2421355752f26af525146235e06f99a786ec00;

    /// @param authority_ AccessManager.
    /// @param manufacturerRegistry_ Where licences stand.
    /// @dev EIP712Upgradeable's own initializer only stores name and version, which are constants here.
    /// @custom:oz-upgrades-unsafe-allow missing-initializer-call
    function initialize(address authority_, address manufacturerRegistry_) external initializer {
        __Governed_init(authority_);
        _layout().manufacturers = IManufacturerRegistry(manufacturerRegistry_);
    }

    /// @inheritdoc IMinerRegistry
    function enrol(
        Enrolment calldata enrolment,
        bytes calldata licenceSignature,
        bytes calldata deviceSignature
    ) external {
        Layout storage $ = _layout();
        uint256 manufacturerId = enrolment.manufacturerId;
        bytes32 digest = _hashTypedDataV4(enrolment.hash());
        _checkTime(enrolment.deadline);
        _checkNonce($, manufacturerId, enrolment.nonce);
        (uint256 deviceCap, bytes memory signer) = _terms($, manufacturerId);
        _checkLicence(manufacturerId, signer, digest, licenceSignature);
        _keepKey($, enrolment.device, digest, deviceSignature);
        _join($, manufacturerId, deviceCap, enrolment.modelId, enrolment.device, enrolment.owner);
    }

    /// @inheritdoc IMinerRegistry
    function postBatch(EnrolmentBatch calldata batch, bytes calldata licenceSignature) external {
        Layout storage $ = _layout();
        bytes32 batchId = _hashTypedDataV4(batch.hash());
        _checkTime(batch.deadline);
        _checkNonce($, batch.manufacturerId, batch.nonce);
        (, bytes memory signer) = _terms($, batch.manufacturerId);
        _checkLicence(batch.manufacturerId, signer, batchId, licenceSignature);
        bytes32 signerHash = keccak256(signer);
        if ($.batches[batchId] == signerHash) revert BatchAlreadyPosted(batchId);

        $.batches[batchId] = signerHash;
        emit BatchPosted(batchId, batch.manufacturerId, batch);
    }

    /// @inheritdoc IMinerRegistry
    function enrolFromBatch(
        EnrolmentBatch calldata batch,
        BatchClaim calldata claim,
        bytes32[] calldata proof,
        bytes calldata deviceSignature
    ) external {
        Layout storage $ = _layout();
        uint256 manufacturerId = batch.manufacturerId;
        bytes32 batchId = _hashTypedDataV4(batch.hash());
        uint256 deviceCap = _checkBatch($, batch, batchId);
        _checkTime(claim.deadline);
        _checkLeaf(batch, claim, batchId, proof);
        _keepKey($, claim.device, _hashTypedDataV4(claim.hash(batchId)), deviceSignature);
        _join($, manufacturerId, deviceCap, batch.modelId, claim.device, claim.owner);
    }

    /// @inheritdoc IMinerRegistry
    function rotate(
        Rotation calldata rotation,
        bytes calldata licenceSignature,
        bytes calldata newDeviceSignature
    ) external {
        Layout storage $ = _layout();
        Device storage record = _ownedBy($, rotation.device, msg.sender);
        uint256 manufacturerId = record.manufacturerId;
        bytes32 digest = _hashTypedDataV4(rotation.hash());
        _checkTime(rotation.deadline);
        _checkNonce($, manufacturerId, rotation.nonce);
        (, bytes memory signer) = _terms($, manufacturerId);
        _checkLicence(manufacturerId, signer, digest, licenceSignature);

        _keepKey($, rotation.newDevice, digest, newDeviceSignature);
        _admit($, rotation.newDevice, msg.sender, manufacturerId, record.modelNumber);
        bytes32 vehicle = record.vehicle;
        if (vehicle != 0) {
            record.vehicle = 0;
            $.devices[rotation.newDevice].vehicle = vehicle;
            $.pairings[msg.sender][vehicle] = rotation.newDevice;
        }
        _end($, rotation.device, record);
        emit DeviceRotated(rotation.device, rotation.newDevice);
    }

    /// @inheritdoc IMinerRegistry
    function pair(address device, bytes32 vehicle) external {
        Layout storage $ = _layout();
        Device storage record = _ownedBy($, device, msg.sender);
        if (vehicle == 0) revert VehicleInvalid(vehicle);
        address paired = $.pairings[msg.sender][vehicle];
        if (paired != address(0)) revert VehiclePaired(vehicle, paired);
        if (record.vehicle != 0) revert VehiclePaired(record.vehicle, device);
        $.pairings[msg.sender][vehicle] = device;
        record.vehicle = vehicle;
        emit DevicePaired(device, msg.sender, vehicle);
    }

    /// @inheritdoc IMinerRegistry
    function unpair(address device) external {
        Layout storage $ = _layout();
        Device storage record = _ownedBy($, device, msg.sender);
        if (record.vehicle == 0) revert DeviceNotPaired(device);
        _unpair($, device, record);
    }

    /// @inheritdoc IMinerRegistry
    function offer(address device, address to) external {
        Layout storage $ = _layout();
        _ownedBy($, device, msg.sender);
        $.offers[device] = to;
        emit DeviceOffered(device, msg.sender, to);
    }

    /// @inheritdoc IMinerRegistry
    function accept(address device) external {
        Layout storage $ = _layout();
        Device storage record = $.devices[device];
        if ($.offers[device] != msg.sender) revert NotOffered(device, msg.sender);
        _unpair($, device, record);
        address from = record.owner;
        record.owner = msg.sender;
        delete $.offers[device];
        emit DeviceTransferred(device, from, msg.sender);
    }

    /// @inheritdoc IMinerRegistry
    function retire(address device, string calldata reason) external {
        Layout storage $ = _layout();
        Device storage record = $.devices[device];
        DeviceStates.requireActive(device, record.status);
        if (record.owner != msg.sender) _checkCanCall(msg.sender, msg.data);
        _unpair($, device, record);
        _end($, device, record);
        Fleet storage fleet = $.fleets[record.manufacturerId];
        fleet.active = DeviceStates.shrink(fleet.active);
        emit DeviceRetired(device, reason);
    }

    /// @inheritdoc IMinerRegistry
    function moveNonce(uint256 manufacturerId) external {
        Layout storage $ = _layout();
        if (IERC721(address($.manufacturers)).ownerOf(manufacturerId) != msg.sender) {
            revert NotLicenceOwner(manufacturerId, msg.sender);
        }
        uint256 nonce = ++$.fleets[manufacturerId].nonce;
        emit NonceMoved(manufacturerId, nonce);
    }

    /// @inheritdoc IMinerRegistry
    function statusOf(
        address device
    ) external view returns (DeviceStatus status, uint256 manufacturerId, bool effective) {
        Layout storage $ = _layout();
        Device storage record = $.devices[device];
        status = record.status;
        manufacturerId = record.manufacturerId;
        effective = status == DeviceStatus.Active && $.manufacturers.isActive(manufacturerId);
    }

    /// @inheritdoc IMinerRegistry
    function isEffectiveAt(address device, uint48 timestamp) external view returns (bool) {
        // solhint-disable-next-line not-rely-on-time
        if (timestamp > block.timestamp) revert TimestampInFuture(timestamp, block.timestamp);
        Layout storage $ = _layout();
        Device storage record = $.devices[device];
        // A device never enrolled has licence 0, which was never active.
        if (timestamp < record.enrolledAt) return false;
        if (record.retiredAt != 0 && timestamp >= record.retiredAt) return false;
        return $.manufacturers.isActiveAt(record.manufacturerId, timestamp);
    }

    /// @inheritdoc IMinerRegistry
    function deviceInfo(address device) external view returns (DeviceInfo memory) {
        Layout storage $ = _layout();
        Device storage record = $.devices[device];
        DeviceStatus status = record.status;
        return
            DeviceInfo({
                status: status,
                effective: status == DeviceStatus.Active && $.manufacturers.isActive(record.manufacturerId),
                enrolledAt: record.enrolledAt,
                retiredAt: record.retiredAt,
                owner: record.owner,
                manufacturerId: record.manufacturerId,
                modelId: $.fleets[record.manufacturerId].modelIds[record.modelNumber],
                vehicle: record.vehicle
            });
    }

    /// @inheritdoc IMinerRegistry
    function deviceOf(address owner, bytes32 vehicle) external view returns (address) {
        return _layout().pairings[owner][vehicle];
    }

    /// @inheritdoc IMinerRegistry
    function keyOf(address device) external view returns (bytes32 x, bytes32 y) {
        DeviceKeys.PublicKey storage key = _layout().keys[device];
        return (key.x, key.y);
    }

    /// @inheritdoc IMinerRegistry
    function offeredTo(address device) external view returns (address) {
        return _layout().offers[device];
    }

    /// @inheritdoc IMinerRegistry
    function batchIdOf(EnrolmentBatch calldata batch) external view returns (bytes32) {
        return _hashTypedDataV4(batch.hash());
    }

    /// @inheritdoc IMinerRegistry
    function leafOf(EnrolmentBatch calldata batch, uint256 index, address device) external view returns (bytes32) {
        return batch.leaf(index, device);
    }

    /// @inheritdoc IMinerRegistry
    function isPosted(bytes32 batchId) external view returns (bool) {
        return _layout().batches[batchId] != 0;
    }

    /// @inheritdoc IMinerRegistry
    function nonceOf(uint256 manufacturerId) external view returns (uint256) {
        return _layout().fleets[manufacturerId].nonce;
    }

    /// @inheritdoc IMinerRegistry
    function fleetOf(uint256 manufacturerId) external view returns (uint256) {
        return _layout().fleets[manufacturerId].active;
    }

    /// @inheritdoc IMinerRegistry
    function manufacturerRegistry() external view returns (address) {
        return address(_layout().manufacturers);
    }

    function _unpair(Layout storage $, address device, Device storage record) private {
        bytes32 vehicle = record.vehicle;
        if (vehicle == 0) return;
        delete $.pairings[record.owner][vehicle];
        record.vehicle = 0;
        emit DeviceUnpaired(device, record.owner, vehicle);
    }

    function _modelNumber(Fleet storage fleet, bytes32 modelId) private returns (uint16 number) {
        number = fleet.modelNumbers[modelId];
        if (number != 0) return number;
        number = ++fleet.modelCount;
        fleet.modelNumbers[modelId] = number;
        fleet.modelIds[number] = modelId;
    }

    /// @dev Gives a device its place in the fleet. Maker and device have signed.
    function _join(
        Layout storage $,
        uint256 manufacturerId,
        uint256 deviceCap,
        bytes32 modelId,
        address device,
        address owner
    ) private {
        if (owner == address(0)) revert OwnerInvalid(owner);
        Fleet storage fleet = $.fleets[manufacturerId];
        fleet.active = DeviceStates.grow(manufacturerId, fleet.active, deviceCap);
        _admit($, device, owner, manufacturerId, _modelNumber(fleet, modelId));
        emit DeviceEnrolled(device, manufacturerId, owner, modelId);
    }

    function _admit(
        Layout storage $,
        address device,
        address owner,
        uint256 manufacturerId,
        uint16 modelNumber
    ) private {
        Device storage record = $.devices[device];
        record.status = DeviceStates.enrol(device, record.status);
        // Licences are counted in 32 bits, and an Active one exists.
        record.manufacturerId = uint32(manufacturerId);
        record.modelNumber = modelNumber;
        record.owner = owner;
        record.enrolledAt = uint40(block.timestamp);
    }

    /// @dev Checks that the device holds its key, and keeps the key where verifiers will need it.
    function _keepKey(Layout storage $, address device, bytes32 digest, bytes calldata signature) private {
        DeviceKeys.PublicKey memory key = DeviceKeys.checkPossession(device, digest, signature);
        // No key has x = 0, short of a broken curve: the point exists, and its logarithm is unknown.
        if (key.x != 0) $.keys[device] = key;
    }

    /// @dev Retires an unpaired device.
    function _end(Layout storage $, address device, Device storage record) private {
        record.status = DeviceStates.retire(device, record.status);
        record.retiredAt = uint40(block.timestamp);
        delete $.offers[device];
    }

    /// @return deviceCap Of the batch's licence.
    function _checkBatch(
        Layout storage $,
        EnrolmentBatch calldata batch,
        bytes32 batchId
    ) private view returns (uint256 deviceCap) {
        bytes32 signerHash = $.batches[batchId];
        if (signerHash == 0) revert BatchNotPosted(batchId);
        _checkTime(batch.deadline);
        _checkNonce($, batch.manufacturerId, batch.nonce);
        bytes memory signer;
        (deviceCap, signer) = _terms($, batch.manufacturerId);
        if (keccak256(signer) != signerHash) revert BatchSignerReplaced(batchId, signer);
    }

    function _checkLeaf(
        EnrolmentBatch calldata batch,
        BatchClaim calldata claim,
        bytes32 batchId,
        bytes32[] calldata proof
    ) private view {
        if (claim.index >= batch.count) revert LeafIndexInvalid(claim.index, batch.count);
        bytes32 leaf = batch.leaf(claim.index, claim.device);
        if (!MerkleProof.verifyCalldata(proof, batch.root, leaf)) revert ProofInvalid(batchId, leaf);
    }

    function _checkTime(uint256 deadline) private view {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
    }

    function _checkNonce(Layout storage $, uint256 manufacturerId, uint256 nonce) private view {
        uint256 expected = $.fleets[manufacturerId].nonce;
        if (nonce != expected) revert NonceInvalid(nonce, expected);
    }

    /// @return deviceCap Of the licence, which is Active.
    /// @return signer Who signs for it.
    function _terms(
        Layout storage $,
        uint256 manufacturerId
    ) private view returns (uint256 deviceCap, bytes memory signer) {
        IManufacturerRegistry.LicenceStatus status;
        (status, deviceCap, signer) = $.manufacturers.enrolmentTerms(manufacturerId);
        if (status != IManufacturerRegistry.LicenceStatus.Active) {
            revert LicenceNotActive(manufacturerId, uint8(status));
        }
    }

    function _checkLicence(
        uint256 manufacturerId,
        bytes memory signer,
        bytes32 digest,
        bytes calldata signature
    ) private view {
        // Most signers are plain keys: those pass without a look at the account's code, which costs 2,600 gas.
        (address recovered, ECDSA.RecoverError fault, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (fault == ECDSA.RecoverError.NoError && signer.length == 20 && recovered == address(bytes20(signer))) return;
        if (!SignatureChecker.isValidSignatureNow(signer, digest, signature)) {
            revert LicenceSignatureInvalid(manufacturerId, signer);
        }
    }

    function _ownedBy(Layout storage $, address device, address caller) private view returns (Device storage record) {
        record = $.devices[device];
        DeviceStates.requireActive(device, record.status);
        if (record.owner != caller) revert NotDeviceOwner(device, caller);
    }

    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Name() internal pure override returns (string memory) {
        return "DIMO MinerRegistry";
    }

    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Version() internal pure override returns (string memory) {
        return "1";
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
