// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMinerRegistry} from "../registry/IMinerRegistry.sol";
import {CoseSign1} from "./CoseSign1.sol";
import {IPackVerifier} from "./IPackVerifier.sol";

/// @title Checks a Miner's signed pack on chain
contract PackVerifier is IPackVerifier {
    /// @dev CBOR major type of an unsigned integer.
    uint8 private constant UNSIGNED = 0;

    /// @notice Registry whose devices' packs are verified.
    IMinerRegistry public immutable minerRegistry;

    constructor(address minerRegistry_) {
        minerRegistry = IMinerRegistry(minerRegistry_);
    }

    /// @inheritdoc IPackVerifier
    function verify(bytes calldata pack) external view returns (address device, bytes32 payloadHash) {
        (device, payloadHash) = _recover(pack, externalAad());
        (IMinerRegistry.DeviceStatus status, , bool effective) = minerRegistry.statusOf(device);
        if (!effective) revert DeviceNotEffective(device, uint8(status));
    }

    /// @inheritdoc IPackVerifier
    function verifyAt(
        bytes calldata pack,
        uint48 timestamp
    ) external view returns (address device, bytes32 payloadHash) {
        (device, payloadHash) = _recover(pack, externalAad());
        if (!minerRegistry.isEffectiveAt(device, timestamp)) {
            (IMinerRegistry.DeviceStatus status, , ) = minerRegistry.statusOf(device);
            revert DeviceNotEffective(device, uint8(status));
        }
    }

    /// @inheritdoc IPackVerifier
    function recover(
        bytes calldata pack,
        bytes calldata externalAad_
    ) external pure returns (address kid, bytes32 payloadHash) {
        return _recover(pack, externalAad_);
    }

    /// @inheritdoc IPackVerifier
    function externalAad() public view returns (bytes memory) {
        bytes memory chainId = CoseSign1.encodeHead(UNSIGNED, block.chainid);
        return abi.encodePacked(hex"8301", chainId, hex"54", minerRegistry);
    }

    function _recover(
        bytes calldata pack,
        bytes memory externalAad_
    ) private pure returns (address kid, bytes32 payloadHash) {
        bytes memory payload;
        (kid, payload) = CoseSign1.verify(pack, externalAad_);
        return (kid, sha256(payload));
    }
}
