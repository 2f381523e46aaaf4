// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {EIP712Upgradeable} from "@openzeppelin/contracts-upgradeable/utils/cryptography/EIP712Upgradeable.sol";
import {Governed} from "../common/Governed.sol";
import {IManufacturerRegistry} from "./IManufacturerRegistry.sol";
import {IMinerRegistry} from "./IMinerRegistry.sol";

/// @title Identities of Miners
contract MinerRegistry is IMinerRegistry, Governed, EIP712Upgradeable {
    bytes32 public constant ENROLMENT_TYPEHASH = keccak256(
        "Enrolment(address device,uint256 manufacturerId,bytes32 modelId,address owner,uint256 nonce,uint256 deadline)"
    );
    bytes32 public constant ROTATION_TYPEHASH = keccak256(
        "Rotation(address device,address newDevice,uint256 nonce,uint256 deadline)"
    );

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
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.MinerRegistry")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0x9be7913d34530e6bec62a9787d2421355752f26af525146235e06f99a786ec00;

    /// @param authority_ AccessManager.
    /// @param manufacturerRegistry_ Where licences stand.
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
        address device = enrolment.device;
        uint256 manufacturerId = enrolment.manufacturerId;
        if (enrolment.owner == address(0)) revert OwnerInvalid(enrolment.owner);
        Device storage record = _fresh($, device);
        Fleet storage fleet = $.fleets[manufacturerId];
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(ENROLMENT_TYPEHASH, enrolment)));
        uint256 deviceCap = _checkLicence($, manufacturerId, enrolment.deadline, digest, licenceSignature);
        if (enrolment.nonce != fleet.nonce) revert NonceInvalid(enrolment.nonce, fleet.nonce);
        if (fleet.active >= deviceCap) revert DeviceCapReached(manufacturerId, deviceCap);
        _checkPossession(device, digest, deviceSignature);

        ++fleet.active;
        record.status = DeviceStatus.Active;
        // Licences are counted in 32 bits, and an Active one exists.
        record.manufacturerId = uint32(manufacturerId);
        record.modelNumber = _modelNumber(fleet, enrolment.modelId);
        record.owner = enrolment.owner;
        record.enrolledAt = uint40(block.timestamp);
        emit DeviceEnrolled(device, manufacturerId, enrolment.owner, enrolment.modelId);
    }

    /// @inheritdoc IMinerRegistry
    function rotate(
        Rotation calldata rotation,
        bytes calldata licenceSignature,
        bytes calldata newDeviceSignature
    ) external {
        Layout storage $ = _layout();
        Device storage record = _ownedBy($, rotation.device, msg.sender);
        Device storage next = _fresh($, rotation.newDevice);
        uint256 nonce = $.fleets[record.manufacturerId].nonce;
        if (rotation.nonce != nonce) revert NonceInvalid(rotation.nonce, nonce);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(ROTATION_TYPEHASH, rotation)));
        _checkLicence($, record.manufacturerId, rotation.deadline, digest, licenceSignature);
        _checkPossession(rotation.newDevice, digest, newDeviceSignature);

        bytes32 vehicle = record.vehicle;
        next.status = DeviceStatus.Active;
        next.manufacturerId = record.manufacturerId;
        next.modelNumber = record.modelNumber;
        next.owner = record.owner;
        next.enrolledAt = uint40(block.timestamp);
        next.vehicle = vehicle;
        if (vehicle != 0) $.pairings[record.owner][vehicle] = rotation.newDevice;
        record.status = DeviceStatus.Retired;
        record.retiredAt = uint40(block.timestamp);
        record.vehicle = 0;
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
    function transfer(address device, address to) external {
        Layout storage $ = _layout();
        Device storage record = _ownedBy($, device, msg.sender);
        if (to == address(0)) revert OwnerInvalid(to);
        _unpair($, device, record);
        record.owner = to;
        emit DeviceTransferred(device, msg.sender, to);
    }

    /// @inheritdoc IMinerRegistry
    function retire(address device, string calldata reason) external {
        Layout storage $ = _layout();
        Device storage record = _active($, device);
        if (record.owner != msg.sender) _checkCanCall(msg.sender, msg.data);
        _unpair($, device, record);
        record.status = DeviceStatus.Retired;
        record.retiredAt = uint40(block.timestamp);
        --$.fleets[record.manufacturerId].active;
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
        Layout storage $ = _layout();
        Device storage record = $.devices[device];
        if (record.status == DeviceStatus.None || timestamp < record.enrolledAt) return false;
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

    /// @return deviceCap Of the licence, which is Active and has signed.
    function _checkLicence(
        Layout storage $,
        uint256 manufacturerId,
        uint256 deadline,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (uint256 deviceCap) {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        IManufacturerRegistry.LicenceStatus status;
        bytes memory signer;
        (status, deviceCap, signer) = $.manufacturers.enrolmentTerms(manufacturerId);
        if (status != IManufacturerRegistry.LicenceStatus.Active) {
            revert LicenceNotActive(manufacturerId, uint8(status));
        }
        if (!SignatureChecker.isValidSignatureNow(signer, digest, signature)) {
            revert LicenceSignatureInvalid(manufacturerId, signer);
        }
    }

    function _checkPossession(address device, bytes32 digest, bytes calldata signature) private pure {
        address recovered = ECDSA.recoverCalldata(digest, signature);
        if (recovered != device) revert DeviceSignatureInvalid(device, recovered);
    }

    function _fresh(Layout storage $, address device) private view returns (Device storage record) {
        record = $.devices[device];
        if (record.status != DeviceStatus.None) revert DeviceStatusRefused(device, record.status);
    }

    function _active(Layout storage $, address device) private view returns (Device storage record) {
        record = $.devices[device];
        if (record.status != DeviceStatus.Active) revert DeviceStatusRefused(device, record.status);
    }

    function _ownedBy(Layout storage $, address device, address caller) private view returns (Device storage record) {
        record = _active($, device);
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
