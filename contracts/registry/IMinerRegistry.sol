// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Identities of Miners
 * @notice A device is the address of its key, secp256k1 or P-256: the last 20 bytes of keccak-256 of the public point.
 *
 *     None --enrol, enrolFromBatch, or as the new key of rotate--> Active --retire, or as the old key of rotate--> Retired
 *
 * Nothing leads out of Retired. A device counts while it is Active *and* its maker's licence is: that is looked up when
 * asked, so suspending one licence stops its whole fleet at once.
 *
 * What is signed is EIP-712, domain ("DIMO MinerRegistry", "1", chain id, this contract), and carries a nonce and a
 * deadline. The nonce is the licence's current one (`nonceOf`): a message works once because a key enrols once, and the
 * maker voids whatever it has signed and is not used up by moving on to the next nonce. A key signs with 65 bytes
 * (r, s, v: secp256k1) or 128 (r, s, x, y: P-256, over the EIP-712 digest itself), s in the lower half.
 *
 * Nothing else is signed: pairing, offering, accepting and retiring are the owner's own transactions, so there is nothing
 * to replay. A device changes hands when the new owner takes it, so nobody can push one on anybody. Enrolment alone names
 * an owner unasked, on the word of a licensed maker; such a device speaks for no vehicle until its owner pairs it.
 */
interface IMinerRegistry {
    enum DeviceStatus {
        None,
        Active,
        Retired
    }

    /// @notice What the licence's attestation signer and the device's own key both sign.
    /// @param device Address of the device's key.
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

    /// @notice What the licence's attestation signer signs for a production line: any number of keys at once.
    /// @param root Of a Merkle tree over the devices; see `leafOf`.
    /// @param count Leaves numbered below this one may enrol.
    /// @param nonce The licence's current nonce; when it moves, what is left of the batch is void.
    /// @param deadline Last moment (unix seconds) at which it may be posted, and at which devices may enrol from it.
    struct EnrolmentBatch {
        uint256 manufacturerId;
        bytes32 modelId;
        bytes32 root;
        uint256 count;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice What a device of a batch signs, together with the batch's id. Leaves are public, so a device itself says
    /// whose it is. The batch's nonce is this message's too.
    /// @param index Number of its leaf.
    struct BatchClaim {
        uint256 index;
        address device;
        address owner;
        uint256 deadline;
    }

    /// @notice What the licence's attestation signer and the new key both sign; the owner sends it. The keys may be of
    /// different curves. The old key is not asked: most are rotated because they are lost.
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
    /// @notice Everything that enrolling from the batch needs, besides the tree.
    event BatchPosted(bytes32 indexed batchId, uint256 indexed manufacturerId, EnrolmentBatch batch);
    /// @param to Zero where an offer was withdrawn.
    event DeviceOffered(address indexed device, address indexed from, address indexed to);
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
    /// @param recovered Whose key signed; zero where the P-256 key that came along did not.
    error DeviceSignatureInvalid(address device, address recovered);
    error NotLicenceOwner(uint256 manufacturerId, address caller);
    error VehicleInvalid(bytes32 vehicle);
    error VehiclePaired(bytes32 vehicle, address device);
    error DeviceNotPaired(address device);
    error NotOffered(address device, address caller);
    error BatchAlreadyPosted(bytes32 batchId);
    error BatchNotPosted(bytes32 batchId);
    /// @notice The licence's attestation signer is another one than when the batch was posted, or its verifier was delisted.
    error BatchSignerReplaced(bytes32 batchId, bytes attestationSigner);
    error LeafIndexInvalid(uint256 index, uint256 count);
    /// @notice The device is not in the batch's tree at that index.
    error ProofInvalid(bytes32 batchId, bytes32 leaf);
    /// @notice Nobody knows yet what will have counted then.
    error TimestampInFuture(uint256 timestamp, uint256 blockTimestamp);

    /// @notice Gives a device its identity. Anyone may send it; both signatures are over the same message.
    /// @param licenceSignature By the licence's attestation signer: ECDSA, or else ERC-1271 or ERC-7913. An account with
    /// ERC-7702 code still signs with its own key.
    /// @param deviceSignature By the device's key.
    function enrol(
        Enrolment calldata enrolment,
        bytes calldata licenceSignature,
        bytes calldata deviceSignature
    ) external;

    /// @notice Opens a batch of devices, which then enrol one by one. Anyone may send it. A batch ends with its deadline, when
    /// the licence's nonce moves, and when its attestation signer changes; after the latter the new one may sign it again.
    /// @param licenceSignature By the licence's attestation signer, over the batch.
    function postBatch(EnrolmentBatch calldata batch, bytes calldata licenceSignature) external;

    /// @notice Gives a device of a posted batch its identity, and the owner that it names. Anyone may send it. Counts
    /// against the licence's cap now, not when the batch was posted; the licence has to be Active now.
    /// @param proof Siblings of the device's leaf, from the leaf up.
    /// @param deviceSignature By the device's key, over the claim.
    function enrolFromBatch(
        EnrolmentBatch calldata batch,
        BatchClaim calldata claim,
        bytes32[] calldata proof,
        bytes calldata deviceSignature
    ) external;

    /// @notice The owner moves a device's identity, vehicle included, to a new key; the old one is retired.
    function rotate(
        Rotation calldata rotation,
        bytes calldata licenceSignature,
        bytes calldata newDeviceSignature
    ) external;

    /// @notice The owner binds the device to one of their vehicles, which must have no other device.
    /// @param vehicle The owner's name for it, not zero. Names of different owners don't meet, so nobody can take another's.
    function pair(address device, bytes32 vehicle) external;

    function unpair(address device) external;

    /// @notice The owner offers the device to somebody, in place of any earlier offer.
    /// @param to Who may take it; zero withdraws the offer.
    function offer(address device, address to) external;

    /// @notice Takes a device that its owner offers to the caller; it is unpaired.
    function accept(address device) external;

    /// @notice Ends a device for good: its owner, or who the AccessManager permits.
    function retire(address device, string calldata reason) external;

    /// @notice The licence's owner voids every enrolment and rotation signed with the current nonce, and what is left of
    /// every batch.
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

    /// @notice The public key of a P-256 device, which verifiers can't recover from a signature at a bearable price.
    /// @return x Zero, like y, where the key is of secp256k1 or unknown.
    function keyOf(address device) external view returns (bytes32 x, bytes32 y);

    /// @return The device paired to an owner's vehicle, or zero.
    function deviceOf(address owner, bytes32 vehicle) external view returns (address);

    /// @return Who may take the device, or zero.
    function offeredTo(address device) external view returns (address);

    /// @notice The nonce to put into the next enrolment, batch or rotation under a licence.
    function nonceOf(uint256 manufacturerId) external view returns (uint256);

    /// @notice How many devices are Active under a licence.
    function fleetOf(uint256 manufacturerId) external view returns (uint256);

    /// @notice The batch's EIP-712 digest: what its licence signs, and what names it in claims.
    function batchIdOf(EnrolmentBatch calldata batch) external view returns (bytes32);

    /// @notice The leaf of a device: keccak256(keccak256(abi.encode(chain id, this contract, manufacturerId, modelId, nonce,
    /// index, device))), as OpenZeppelin's StandardMerkleTree makes it.
    function leafOf(EnrolmentBatch calldata batch, uint256 index, address device) external view returns (bytes32);

    /// @notice Whether a batch was posted, under whatever signer and nonce.
    function isPosted(bytes32 batchId) external view returns (bool);

    function manufacturerRegistry() external view returns (address);
}
