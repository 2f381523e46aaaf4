// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Checks a Miner's signed pack on chain
 * @notice Says of the very bytes that a Miner sent who signed them, and whether that device's packs count. Packs are signed
 * with ES256K or, by devices enrolled with a P-256 key, with ES256. See CoseSign1 and CborReader for what is refused.
 *
 * P-256 takes a precompile at 0x100 (EIP-7951); on a chain without it the same answer costs some 300,000 gas.
 */
interface IPackVerifier {
    /// @notice What a device says of its clock at the pack's t0.
    /// @param unixMs Milliseconds since 1970.
    /// @param source 1 RTC, 2 network, 3 GNSS, 4 vehicle.
    /// @param uncertaintyMs How far off it may be, by the device's own estimate. Nothing here judges it.
    struct Clock {
        uint256 unixMs;
        uint8 source;
        uint256 uncertaintyMs;
    }

    /// @notice The signature is right, but packs of this device don't count.
    /// @param status An IMinerRegistry.DeviceStatus; Active means that the maker's licence is not.
    error DeviceNotEffective(address device, uint8 status);
    /// @notice Signed with ES256, and no P-256 key of that address was ever enrolled.
    error DeviceKeyUnknown(address device);
    error PackClockMissing();
    error PackClockSourceRefused(uint256 source);
    /// @notice The pack's clock is ahead of the chain's.
    error PackFromFuture(uint256 unixMs, uint256 blockTimestamp);

    /**
     * @notice Checks a pack of this chain and registry, signed by a device that counts now.
     * @param pack COSE_Sign1 message.
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

    /**
     * @notice Same as `verifyAt`, at the moment that the pack itself names: the clock in field 7 of its body, rounded down to
     * the second. Packs without a clock, with a clock that has no source, or from the future are refused.
     *
     * A device can lie about its clock. What bounds the lie: the moment named must be one at which the device was enrolled,
     * not retired, and its licence active, and it can't lie ahead of this block. So a key that was retired, or whose licence
     * was suspended, can still sign packs for the time before. Where that is worth something to somebody, use `verify`, or
     * `verifyAt` with a time that somebody else vouches for, as a gateway's receipt does. Samples in the pack are younger
     * than its clock, which is that of the first.
     * @return device Address of the device that signed.
     * @return payloadHash SHA-256 of the signed payload.
     * @return clock What the device says.
     */
    function verifyAtPackTime(
        bytes calldata pack
    ) external view returns (address device, bytes32 payloadHash, Clock memory clock);

    /// @notice Checks form and signature alone, with external_aad given; the key is recovered from the signature, so no registry
    /// is asked. For ES256 that is dear (some 800,000 gas), and meant to be called, not sent.
    function recover(
        bytes calldata pack,
        bytes calldata externalAad
    ) external view returns (address kid, bytes32 payloadHash);

    /// @notice What every pack's signature covers beside it: deterministic CBOR [1, chain id, h'MinerRegistry'].
    function externalAad() external view returns (bytes memory);
}
