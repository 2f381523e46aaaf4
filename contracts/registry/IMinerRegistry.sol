// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Identities of Miners
 * @notice A device is the address of its key. None --enrol--> Active --retire, rotate--> Retired; a retired key never returns.
 * A device counts while it is Active *and* its maker's licence is: that is looked up when asked, so suspending one
 * licence stops its whole fleet at once.
 *
 * Signatures are EIP-712, domain ("DIMO MinerRegistry", "1", chain id, this contract). `nonce` is the licence's current
 * one (`nonceOf`): a message works once because a device enrols once, and the maker voids every message it has signed
 * and not yet used by moving on to the next nonce.
 */
interface IMinerRegistry {
    enum DeviceStatus {
        None,
        Active,
        Retired
    }

    /// @notice What the licence's attestation signer and the device's own key both sign.
    /// @param device Address of the device's secp256k1 key.
    /// @param manufacturerId Licence under which it is made.
    /// @param modelId The maker's name for the model, as 32 bytes.
    /// @param owner Who will own the device.
    /// @param nonce The licence's current nonce.
    /// @param deadline Last moment (unix seconds) at which this may be used.
    struct Enrolment {
        address device;
        uint256 manufacturerId;
        bytes32 modelId;
        address owner;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice What the licence's attestation signer and the new key both sign; the owner sends it.
    struct Rotation {
        address device;
        address newDevice;
        uint256 nonce;
        uint256 deadline;
    }

    /// @param effective Whether its packs count now.
    /// @param enrolledAt Unix seconds.
    /// @param retiredAt Unix seconds, or zero.
    /// @param vehicle The owner's name for the vehicle it is paired to, or zero.
    struct DeviceInfo {
        DeviceStatus status;
        bool effective;
        uint40 enrolledAt;
        uint40 retiredAt;
        address owner;
        uint256 manufacturerId;
        bytes32 modelId;
        bytes32 vehicle;
    }

    event DeviceEnrolled(
        address indexed device,
        uint256 indexed manufacturerId,
        address indexed owner,
        bytes32 modelId
    );
    event DeviceTransferred(address indexed device, address indexed from, address indexed to);
    event DevicePaired(address indexed device, address indexed owner, bytes32 indexed vehicle);
    event DeviceUnpaired(address indexed device, address indexed owner, bytes32 indexed vehicle);
    event DeviceRetired(address indexed device, string reason);
    event DeviceRotated(address indexed device, address indexed newDevice);
    event NonceMoved(uint256 indexed manufacturerId, uint256 nonce);

    error DeviceStatusRefused(address device, DeviceStatus status);
    error NotDeviceOwner(address device, address caller);
    error OwnerInvalid(address owner);
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    error NonceInvalid(uint256 nonce, uint256 expected);
    /// @notice New devices need an Active licence.
    /// @param status An IManufacturerRegistry.LicenceStatus.
    error LicenceNotActive(uint256 manufacturerId, uint8 status);
    error DeviceCapReached(uint256 manufacturerId, uint256 deviceCap);
    error LicenceSignatureInvalid(uint256 manufacturerId, bytes attestationSigner);
    error DeviceSignatureInvalid(address device, address recovered);
    error NotLicenceOwner(uint256 manufacturerId, address caller);
    error VehicleInvalid(bytes32 vehicle);
    error VehiclePaired(bytes32 vehicle, address device);
    error DeviceNotPaired(address device);

    /// @notice Gives a device its identity. Anyone may send it; both signatures are over the same message.
    /// @param licenceSignature By the licence's attestation signer (ECDSA, ERC-1271 or ERC-7913).
    /// @param deviceSignature By the device's key (65 bytes r, s, v; low s).
    function enrol(
        Enrolment calldata enrolment,
        bytes calldata licenceSignature,
        bytes calldata deviceSignature
    ) external;

    /// @notice The owner moves a device's identity to a new key; the old one is retired.
    function rotate(
        Rotation calldata rotation,
        bytes calldata licenceSignature,
        bytes calldata newDeviceSignature
    ) external;

    /// @notice The owner binds the device to one of their vehicles, which must have no other device.
    /// @param vehicle The owner's name for it, not zero. Names of different owners don't meet.
    function pair(address device, bytes32 vehicle) external;

    function unpair(address device) external;

    /// @notice The owner hands the device on; it is unpaired.
    function transfer(address device, address to) external;

    /// @notice Ends a device for good: its owner, or who the AccessManager permits.
    function retire(address device, string calldata reason) external;

    /// @notice The licence's owner voids every enrolment and rotation signed with the current nonce.
    function moveNonce(uint256 manufacturerId) external;

    /// @return status State of the device itself.
    /// @return manufacturerId Licence, or zero.
    /// @return effective Device Active and licence active: its packs count now.
    function statusOf(
        address device
    ) external view returns (DeviceStatus status, uint256 manufacturerId, bool effective);

    /// @notice Whether packs of the device counted at a past moment.
    /// @param timestamp Unix seconds, not in the future.
    function isEffectiveAt(address device, uint48 timestamp) external view returns (bool);

    function deviceInfo(address device) external view returns (DeviceInfo memory);

    /// @return The device paired to an owner's vehicle, or zero.
    function deviceOf(address owner, bytes32 vehicle) external view returns (address);

    /// @notice The nonce to put into the next enrolment or rotation under a licence.
    function nonceOf(uint256 manufacturerId) external view returns (uint256);

    /// @notice How many devices are Active under a licence.
    function fleetOf(uint256 manufacturerId) external view returns (uint256);

    function manufacturerRegistry() external view returns (address);
}
