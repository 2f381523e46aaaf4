// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMinerRegistry} from "../registry/IMinerRegistry.sol";
import {CborReader} from "./CborReader.sol";
import {CoseSign1} from "./CoseSign1.sol";
import {IPackVerifier} from "./IPackVerifier.sol";
import {PackClock} from "./PackClock.sol";

/// @title Checks a Miner's signed pack on chain
contract PackVerifier is IPackVerifier {
    using CoseSign1 for CoseSign1.Message;

    /// @notice Registry whose devices' packs are verified.
    IMinerRegistry public immutable minerRegistry;

    constructor(address minerRegistry_) {
        minerRegistry = IMinerRegistry(minerRegistry_);
    }

    /// @inheritdoc IPackVerifier
    function verify(bytes calldata pack) external view returns (address device, bytes32 payloadHash) {
        CoseSign1.Message memory parts = _open(pack);
        (IMinerRegistry.DeviceStatus status, , bool effective) = minerRegistry.statusOf(parts.kid);
        if (!effective) revert DeviceNotEffective(parts.kid, uint8(status));
        return (parts.kid, sha256(_payload(pack, parts)));
    }

    /// @inheritdoc IPackVerifier
    function verifyAt(
        bytes calldata pack,
        uint48 timestamp
    ) external view returns (address device, bytes32 payloadHash) {
        CoseSign1.Message memory parts = _open(pack);
        _requireEffectiveAt(parts.kid, timestamp);
        return (parts.kid, sha256(_payload(pack, parts)));
    }

    /// @inheritdoc IPackVerifier
    function verifyAtPackTime(
        bytes calldata pack
    ) external view returns (address device, bytes32 payloadHash, Clock memory clock) {
        CoseSign1.Message memory parts = _open(pack);
        bytes calldata payload = _payload(pack, parts);
        clock = PackClock.read(payload);
        uint256 timestamp = clock.unixMs / 1000;
        // solhint-disable-next-line not-rely-on-time
        if (timestamp > block.timestamp) revert PackFromFuture(clock.unixMs, block.timestamp);
        // No later than the block's own time, which fits.
        _requireEffectiveAt(parts.kid, uint48(timestamp));
        return (parts.kid, sha256(payload), clock);
    }

    /// @inheritdoc IPackVerifier
    function recover(
        bytes calldata pack,
        bytes calldata externalAad_
    ) external view returns (address kid, bytes32 payloadHash) {
        CoseSign1.Message memory parts = CoseSign1.parse(pack);
        parts.checkAddress(CoseSign1.signedDigest(pack, parts, externalAad_));
        return (parts.kid, sha256(_payload(pack, parts)));
    }

    /// @inheritdoc IPackVerifier
    function externalAad() public view returns (bytes memory) {
        bytes memory chainId = CborReader.encodeHead(CborReader.UNSIGNED, block.chainid);
        return abi.encodePacked(hex"8301", chainId, hex"54", minerRegistry);
    }

    /// @dev Form and signature, for this chain and registry.
    function _open(bytes calldata pack) private view returns (CoseSign1.Message memory parts) {
        parts = CoseSign1.parse(pack);
        bytes32 digest = CoseSign1.signedDigest(pack, parts, externalAad());
        if (parts.p256) {
            (bytes32 x, bytes32 y) = minerRegistry.keyOf(parts.kid);
            if (x == 0) revert DeviceKeyUnknown(parts.kid);
            parts.checkKey(digest, x, y);
        } else {
            parts.checkAddress(digest);
        }
    }

    function _requireEffectiveAt(address device, uint48 timestamp) private view {
        if (minerRegistry.isEffectiveAt(device, timestamp)) return;
        (IMinerRegistry.DeviceStatus status, , ) = minerRegistry.statusOf(device);
        revert DeviceNotEffective(device, uint8(status));
    }

    function _payload(bytes calldata pack, CoseSign1.Message memory parts) private pure returns (bytes calldata) {
        return pack[parts.payloadStart:parts.payloadEnd];
    }
}
