// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Checks a Miner's signed pack on chain
 * @notice Says of the very bytes that a Miner sent who signed them, and whether that device's packs count.
 */
interface IPackVerifier {
    /// @notice The signature is right, but packs of this device don't count.
    /// @param status An IMinerRegistry.DeviceStatus; Active means that the maker's licence is not.
    error DeviceNotEffective(address device, uint8 status);

    /**
     * @notice Checks a pack of this chain and registry, signed by a device that counts now.
     * @param pack COSE_Sign1 message; see CoseSign1 for the errors.
     * @return device Address of the device that signed.
     * @return payloadHash SHA-256 of the signed payload.
     */
    function verify(bytes calldata pack) external view returns (address device, bytes32 payloadHash);

    /// @notice Same as `verify`, for a device that counted at a past moment.
    /// @param timestamp Unix seconds, not in the future.
    function verifyAt(
        bytes calldata pack,
        uint48 timestamp
    ) external view returns (address device, bytes32 payloadHash);

    /// @notice Checks form and signature alone, with external_aad given.
    function recover(
        bytes calldata pack,
        bytes calldata externalAad
    ) external pure returns (address kid, bytes32 payloadHash);

    /// @notice What every pack's signature covers beside it: deterministic CBOR [1, chain id, h'MinerRegistry'].
    function externalAad() external view returns (bytes memory);
}
